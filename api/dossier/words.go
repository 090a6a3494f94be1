package dossier

import (
	_ "embed"
	"encoding/csv"
	"strings"
)

//go:embed words.csv
var wordsFile string

// catalog reads the words of one language by their keys: section: and about: and one: of a list,
// field: of a field, and field=value of a code that stands in one.
func catalog(language string) (map[string]string, error) {
	rows, err := csv.NewReader(strings.NewReader(wordsFile)).ReadAll()
	if err != nil {
		return nil, err
	}
	column := 1
	if language == "en" {
		column = 2
	}
	words := make(map[string]string, len(rows))
	for _, r := range rows[1:] {
		words[r[0]] = r[column]
	}
	return words, nil
}

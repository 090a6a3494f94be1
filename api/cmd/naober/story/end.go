package story

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

func (p *Player) end() []step {
	return []step{
		{"every planned kill took place, and no answer said that the server had failed", p.sound},
		{"the server stops in order when it is told to", p.stopped},
		{"no line of the server's logs names a person, a street or a contact", p.discreet},
	}
}

func (p *Player) sound(context.Context) (string, error) {
	done, left := p.kills.Done()
	messages, _ := p.phones.Delivered()
	return fmt.Sprintf("%d kills; %d pushes; %s", done, messages, p.line.tally),
		all(same("kills that were planned and not done", 0, left), same("answers from 500 on, but for 503", "", strings.Join(p.line.tally.Failed(), "; ")))
}

func (p *Player) stopped(context.Context) (string, error) { return "exit 0", p.server.Stop() }

// discreet looks for what is personal in all that the service wrote down for its operators.
func (p *Player) discreet(context.Context) (string, error) {
	words := []string{p.resident.FirstName, p.resident.LastName, p.resident.Home.Street}
	for _, part := range p.cast {
		words = append(words, part.FirstName, part.LastName, part.Mail)
	}
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	slices.Sort(words)
	// Whole words: the ids in a log are random letters. Phone numbers in any form, too.
	personal, err := regexp.Compile(`(^|[^\w-])(` + strings.Join(slices.Compact(words), "|") + `)($|[^\w-])|\+31\d{9}|[\w.]+@[\w.]+\.\w+`)
	if err != nil {
		return "", err
	}
	lines := 0
	for _, name := range p.server.Logs() {
		n, err := searchLines(name, personal)
		if err != nil {
			return "", err
		}
		lines += n
	}
	return fmt.Sprintf("%d lines, %d words looked for", lines, len(words)), holds("the log", "some lines", lines > 0)
}

// searchLines counts a file's lines and fails at the first that matches. An absent file has none.
func searchLines(name string, personal *regexp.Regexp) (int, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := 0
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		lines++
		if personal.Match(scan.Bytes()) {
			return lines, mismatch(fmt.Sprintf("line %d of %s", lines, name), "nothing personal", scan.Text())
		}
	}
	return lines, scan.Err()
}

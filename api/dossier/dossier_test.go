package dossier

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"naober/mobile-contract/wire"
)

// fieldsOf lists the names of all fields that a page can label, and the lists of an export apart.
func fieldsOf(of reflect.Type, met map[string]bool) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	switch of {
	case reflect.TypeFor[wire.Instant](), reflect.TypeFor[wire.Person](), reflect.TypeFor[wire.Place](), reflect.TypeFor[wire.Contact](),
		reflect.TypeFor[wire.Interval](), reflect.TypeFor[wire.Window]():
		return // one line each
	}
	if of.Kind() != reflect.Struct {
		return
	}
	for i := range of.NumField() {
		f := of.Field(i)
		if !f.Anonymous && name(f) != "id" {
			met[name(f)] = true
		}
		fieldsOf(f.Type, met)
	}
}

// TestEveryFieldHasWords: a field, a list or a code without a word in both languages fails.
func TestEveryFieldHasWords(t *testing.T) {
	met := map[string]bool{}
	export := reflect.TypeFor[wire.Export]()
	var keys []string
	for i := range export.NumField() {
		f := export.Field(i)
		fieldsOf(f.Type, met)
		switch f.Type.Kind() {
		case reflect.Slice:
			keys = append(keys, "section:"+name(f), "about:"+name(f), "one:"+name(f))
		case reflect.Pointer:
			keys = append(keys, "section:"+name(f), "about:"+name(f))
		}
	}
	for field := range met {
		keys = append(keys, "field:"+field)
	}
	keys = append(keys, codes(t)...)
	for _, language := range []string{"nl", "en"} {
		words, err := catalog(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if words[key] == "" {
				t.Errorf("words.csv has no %s word for %s", language, key)
			}
		}
	}
}

// codes are the values that openapi.yaml lists for the fields of the shapes in an export.
func codes(t *testing.T) []string {
	t.Helper()
	type property struct {
		Ref   string    `yaml:"$ref"`
		Enum  []string  `yaml:"enum"`
		Items *property `yaml:"items"`
	}
	var spec struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]property `yaml:"properties"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	raw, err := os.ReadFile("../../mobile-contract/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	var all []string
	met := map[string]bool{}
	var walk func(shape string)
	walk = func(shape string) {
		if met[shape] || shape == "Contact" { // a contact is one line, without its kind
			return
		}
		met[shape] = true
		for field, p := range spec.Components.Schemas[shape].Properties {
			for one := &p; one != nil; one = one.Items {
				for _, code := range one.Enum {
					all = append(all, field+"="+code)
				}
				walk(strings.TrimPrefix(one.Ref, "#/components/schemas/"))
			}
		}
	}
	walk("Export")
	if len(all) < 80 {
		t.Fatalf("only %d codes were found", len(all))
	}
	return all
}

// TestAPageSaysNamesAndNoNumbers: an id is its name, and nothing where it has none.
func TestAPageSaysNamesAndNoNumbers(t *testing.T) {
	const me, jan, lost = "01KAS0GR0110000000000000AA", "01KAS0GR0110000000000000AB", "01KAS0GR0110000000000000AC"
	at := wire.Instant(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	lat, lon := 52.93342305301682, 6.663199801900269
	home := wire.Place{Town: "Grolloo", Lat: &lat, Lon: &lon}
	e := wire.Export{Version: 1, MadeAt: at, Profile: &wire.Profile{ID: me, FirstName: "Geesje", BirthDate: "1945-03-02", Language: "nl", Home: home},
		Requests: []wire.Request{{ID: lost, Kind: "ride", NextAction: "next_wave", Slots: []wire.Slot{{ID: lost}}, Visits: []wire.Visit{{ID: lost, Helper: wire.Person{ID: jan, FirstName: "Jan", LastName: "Dekker"}}}}},
		Messages: []wire.Message{{ID: lost, From: me, To: jan, Text: "<b>Tot straks</b>", At: at}}, Pushes: []wire.Sent{{Key: "call.visit.planned", At: at}}}
	for language, wants := range map[string][]string{
		"nl": {`<html lang="nl">`, "24 november 2026, 10:00", "Jan Dekker", "&lt;b&gt;Tot straks", "bel: er komt iemand", "Vraag om hulp: rit",
			"2 maart 1945", "Nederlands", "52.93342, 6.66320", "wij vragen meer mensen"},
		"en": {`<html lang="en">`, "24 November 2026, 10:00", "Jan Dekker", "&lt;b&gt;Tot straks", "call: somebody comes", "Request for help: ride",
			"2 March 1945", "Dutch", "52.93342, 6.66320", "we ask more people"},
	} {
		raw, err := Export(e, Reader{Language: language, Name: "Geesje", Names: map[string]string{me: "Geesje"}, Zone: zone})
		if err != nil {
			t.Fatal(err)
		}
		body := string(raw)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %s", language, want)
			}
		}
		for _, raw := range []string{"01KAS0", "1945-03-02", "next_wave", "<dt>Duur", "<dt>Length"} {
			if strings.Contains(body, raw) {
				t.Errorf("%s: the page has %s", language, raw)
			}
		}
	}
}

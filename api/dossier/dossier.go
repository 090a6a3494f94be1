package dossier

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"reflect"
	"strings"
	"time"

	"naober/mobile-contract/wire"
)

//go:embed dossier.html
var source string

//go:embed dossier.css
var style string

// Policy is the Content-Security-Policy of the page: nothing is loaded and nothing runs; the one
// style is named by its hash.
func Policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; frame-ancestors 'none'"
}

// Reader is for whom a page is written.
type Reader struct {
	Language string // "nl" or "en"; anything else reads Dutch
	Name     string
	// Names are what ids in the shapes stand for: people, villages, bodies. What has no name here is
	// left out: a number that only the service understands tells a reader nothing.
	Names map[string]string
	// Zone is where the reader's clock hangs.
	Zone *time.Location
}

// document is what the template fills.
type document struct {
	Language, Title, Intro, MadeAt, More, Contents, Part string
	Style                                                template.CSS
	Sections                                             []section
}

type section struct {
	ID, Title, Intro, None string
	Items                  []item
}

// item is one document, with what lies in it.
type item struct {
	Title string
	Rows  []row
	Parts []item
}

type row struct{ Label, Value string }

// Export writes one part of an export for its person.
func Export(e wire.Export, who Reader) ([]byte, error) {
	w, err := newWriter(who)
	if err != nil {
		return nil, err
	}
	w.learn(reflect.ValueOf(e))
	d := document{Language: w.language, Title: w.say("title"), Intro: w.say("intro"), Contents: w.say("contents"),
		MadeAt: w.say("madeAt") + " " + w.when(time.Time(e.MadeAt)) + ".", Style: template.CSS(style)}
	if who.Name != "" {
		d.Title += " – " + who.Name
	}
	if e.Next != "" {
		d.More, d.Part = w.say("more"), e.Next
	}
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		if s, ok := w.section(name(v.Type().Field(i)), v.Field(i), e.Profile != nil); ok {
			d.Sections = append(d.Sections, s)
		}
	}
	t, err := template.New("dossier").Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, d)
	return out.Bytes(), err
}

// section writes one list of the export, or the one document of its kind. In the first part an empty
// list says that there is nothing; later parts leave it out.
func (w *writer) section(name string, v reflect.Value, first bool) (section, bool) {
	s := section{ID: name, Title: w.say("section:" + name), Intro: w.say("about:" + name), None: w.say("none")}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return s, false
		}
		s.Items = []item{w.item("", v.Elem())}
	case reflect.Slice:
		if v.Len() == 0 && !first {
			return s, false
		}
		for i := range v.Len() {
			s.Items = append(s.Items, w.item(w.titleOf(name, v.Index(i)), v.Index(i)))
		}
	default:
		return s, false
	}
	return s, true
}

// titleOf names a document by its kind and what tells it from the next one: when, and what.
func (w *writer) titleOf(section string, v reflect.Value) string {
	title := w.say("one:" + section)
	for _, field := range []string{"Kind", "Theme", "Role", "Name", "What", "Key"} {
		if f := v.FieldByName(field); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			title += ": " + w.value(strings.ToLower(field[:1])+field[1:], f.String())
			break
		}
	}
	for _, field := range []string{"CreatedAt", "StartedAt", "From", "At", "AskFrom", "AskedAt", "FiledAt"} {
		if f := v.FieldByName(field); f.IsValid() {
			if at, is := f.Interface().(wire.Instant); is && !at.IsZero() {
				return title + ", " + w.when(time.Time(at))
			}
		}
	}
	return title
}

func name(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

package dossier

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"naober/mobile-contract/wire"
)

// writer turns shapes into rows of words.
type writer struct {
	Reader
	language string
	words    map[string]string
	isID     *regexp.Regexp
}

func newWriter(who Reader) (*writer, error) {
	language := "nl"
	if strings.HasPrefix(who.Language, "en") {
		language = "en"
	}
	words, err := catalog(language)
	names := map[string]string{}
	for id, n := range who.Names {
		names[id] = n
	}
	who.Names = names
	return &writer{Reader: who, language: language, words: words, isID: regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{26}$`)}, err
}

// say is a sentence or label of the catalog; one that is missing says its key.
func (w *writer) say(key string) string {
	if text, ok := w.words[key]; ok {
		return text
	}
	return key
}

// learn keeps the names of the people who are named anywhere, for where they stand by id alone.
func (w *writer) learn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			w.learn(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.learn(v.Index(i))
		}
	case reflect.Struct:
		if p, is := v.Interface().(wire.Person); is {
			if n := personName(p); n != "" && len(n) > len(w.Names[p.ID]) {
				w.Names[p.ID] = n
			}
			return
		}
		if view, is := v.Interface().(wire.View); is && view.Name != "" && w.Names[view.By] == "" {
			w.Names[view.By] = view.Name
		}
		if v.Type() == reflect.TypeFor[wire.Instant]() {
			return
		}
		for i := range v.NumField() {
			w.learn(v.Field(i))
		}
	}
}

func personName(p wire.Person) string { return strings.TrimSpace(p.FirstName + " " + p.LastName) }

// item writes one document: what is plain as rows, what is a list of documents as parts.
func (w *writer) item(title string, v reflect.Value) item {
	it := item{Title: title}
	w.fields(&it, v)
	return it
}

func (w *writer) fields(it *item, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			w.fields(it, v.Field(i))
			continue
		}
		if name(f) != "id" {
			w.field(it, name(f), v.Field(i))
		}
	}
}

// field writes one field. What says nothing is left out.
func (w *writer) field(it *item, key string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if text, plain := w.text(key, v); plain {
		if text != "" {
			it.Rows = append(it.Rows, row{w.say("field:" + key), text})
		}
		return
	}
	if v.Kind() == reflect.Struct {
		if part := w.item(w.say("field:"+key), v); len(part.Rows)+len(part.Parts) > 0 {
			it.Parts = append(it.Parts, part)
		}
		return
	}
	for i := range v.Len() {
		if part := w.item(w.say("field:"+key), v.Index(i)); len(part.Rows)+len(part.Parts) > 0 {
			it.Parts = append(it.Parts, part)
		}
	}
}

// text writes what is one line; false for what has fields of its own.
func (w *writer) text(key string, v reflect.Value) (string, bool) {
	switch shape := v.Interface().(type) {
	case wire.Instant:
		return w.when(time.Time(shape)), true
	case wire.Person:
		return personName(shape), true
	case wire.Place:
		return w.place(shape), true
	case wire.Contact:
		return shape.Value, true
	case wire.Interval:
		return w.between(shape), true
	case wire.Window:
		return w.value("day", fmt.Sprint(shape.Day)) + " " + shape.Start + "–" + shape.End, true
	}
	switch v.Kind() {
	case reflect.String:
		if day, is := w.day(key, v.String()); is {
			return day, true
		}
		return w.value(key, v.String()), true
	case reflect.Bool:
		return w.say(fmt.Sprintf("bool:%v", v.Bool())), true
	case reflect.Int, reflect.Float64:
		return w.number(key, fmt.Sprint(v.Interface())), true
	case reflect.Slice:
		return w.line(key, v)
	}
	return "", false
}

// line writes a list of what is one line each.
func (w *writer) line(key string, v reflect.Value) (string, bool) {
	var all []string
	for i := range v.Len() {
		text, plain := w.text(key, v.Index(i))
		if !plain {
			return "", false
		}
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; "), true
}

// value writes a word of the wire: an id by its name, a code by its sentence, what somebody said as it is.
func (w *writer) value(key, raw string) string {
	if key == "languages" {
		key = "language"
	}
	if n, known := w.Names[raw]; known || w.isID.MatchString(raw) {
		return n
	}
	if text, ok := w.words[key+"="+raw]; ok {
		return text
	}
	if about, is := strings.CutPrefix(raw, "call."); is && key == "key" {
		return w.say("call") + " " + w.value(key, about)
	}
	return raw
}

// number writes a count; a day of the week by its name. A visit without a length of its own takes the
// whole time asked for, and says nothing here.
func (w *writer) number(key, raw string) string {
	switch {
	case key == "restDays":
		return w.value("day", raw)
	case key == "durationMinutes" && raw == "0":
		return ""
	}
	return raw
}

func (w *writer) place(p wire.Place) string {
	if p.Area != nil {
		return w.say("area") + " " + p.Town
	}
	line := strings.TrimSpace(p.PostCode + " " + p.Town)
	if p.Street != "" {
		line = p.Street + ", " + line
	}
	if p.Lat != nil && p.Lon != nil {
		line += fmt.Sprintf(" (%s %.5f, %.5f)", w.say("point"), *p.Lat, *p.Lon) // to a metre
	}
	return line
}

func (w *writer) between(i wire.Interval) string {
	text := w.when(time.Time(i.From))
	if !i.Until.IsZero() {
		text += " – " + w.when(time.Time(i.Until))
	}
	return text
}

// when writes a moment as the reader's clock shows it.
func (w *writer) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(w.Zone)
	return w.date(t) + ", " + t.Format("15:04")
}

func (w *writer) date(t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), w.say(fmt.Sprintf("month:%d", t.Month())), t.Year())
}

// day writes a date of the wire, such as a birth date; false for what is none.
func (w *writer) day(key, raw string) (string, bool) {
	switch key {
	case "birthDate", "date", "skipped":
		t, err := time.Parse(time.DateOnly, raw)
		return w.date(t), err == nil
	}
	return "", false
}

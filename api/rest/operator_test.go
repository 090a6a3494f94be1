package rest

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
)

// judgeCommand tells what in a command is a client's that must not be: a $ at a place that seen does
// not hold, a key with poison or a dot in what is stored, a text with poison inside an expression. With
// learn it adds to seen where a $ stands instead.
func judgeCommand(command bson.Raw, seen map[string]bool, learn bool) []string {
	var found []string
	name := ""
	var walk func(at string, v bson.RawValue, expression bool)
	document := func(at string, d bson.Raw, expression, list bool) {
		elements, err := d.Elements()
		if err != nil {
			found = append(found, "unreadable: "+err.Error())
			return
		}
		for _, e := range elements {
			key := e.Key()
			if list {
				key = "[]"
			}
			below := at + "/" + key
			if strings.Contains(key, "poison") || strings.Contains(key, "$where") {
				found = append(found, "the key "+below)
			}
			operator := strings.HasPrefix(key, "$") && key != "$db" && key != "$clusterTime" && key != "$readPreference"
			if operator && learn {
				seen[below] = true
			}
			if operator && !seen[below] {
				found = append(found, "a new $ at "+below)
			}
			walk(below, e.Value(), expression || operator && !compares(key))
		}
	}
	walk = func(at string, v bson.RawValue, expression bool) {
		switch v.Type {
		case bson.TypeEmbeddedDocument:
			document(at, v.Document(), expression, false)
		case bson.TypeArray:
			// A list of updates is a pipeline, in which a text that begins with a $ is a field.
			document(at, v.Array(), expression || strings.HasSuffix(at, "/u"), true)
		case bson.TypeString:
			if expression && strings.Contains(v.StringValue(), "poison") {
				found = append(found, "a text inside an expression at "+at)
			}
		case bson.TypeJavaScript, bson.TypeCodeWithScope, bson.TypeRegex:
			found = append(found, "code or a pattern at "+at)
		}
	}
	if elements, err := command.Elements(); err == nil && len(elements) > 0 {
		name = fmt.Sprint(elements[0].Key(), " ", elements[0].Value())
	}
	document(strings.ReplaceAll(name, `"`, ""), command, false, false)
	return found
}

// compares reports whether an operator takes a value as it is.
func compares(operator string) bool {
	switch operator {
	case "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$each":
		return true
	}
	return false
}

func TestJudgeFindsWhatAClientPlanted(t *testing.T) {
	t.Parallel()
	raw := func(d bson.D) bson.Raw {
		b, err := bson.Marshal(d)
		must(t, err)
		return b
	}
	find := func(filter any) bson.D {
		return bson.D{{Key: "find", Value: "persons"}, {Key: "filter", Value: filter}}
	}
	update := func(u any) bson.D {
		return bson.D{{Key: "update", Value: "persons"}, {Key: "updates", Value: bson.A{bson.D{{Key: "q", Value: bson.D{{Key: "_id", Value: "a"}}}, {Key: "u", Value: u}}}}}
	}
	of := func(key string, v any) bson.D { return bson.D{{Key: key, Value: v}} }
	seen := map[string]bool{}
	for _, benign := range []bson.D{find(of("_id", of("$gt", "a"))), update(bson.A{of("$set", of("a", "$b"))})} {
		if got := judgeCommand(raw(benign), seen, true); len(got) > 0 {
			t.Fatalf("while it learns: %v", got)
		}
	}
	for _, fine := range []bson.D{find(of("_id", of("$gt", "$poison"))), find(of("_id", "$poison")), find(of("keys", bson.A{"poison"})), update(of("a", "$poison"))} {
		if got := judgeCommand(raw(fine), seen, false); len(got) > 0 {
			t.Errorf("%v: %v", fine, got)
		}
	}
	for _, planted := range []bson.D{find(of("_id", of("$ne", nil))), find(of("keys", of("$gt", ""))), find(of("$where", "1")), find(of("poison.key", 1)), find(of("a", of("poison", 1))),
		update(bson.A{of("$set", of("a", "$poison"))}), update(bson.A{of("$set", of("a", of("$ne", "b")))}), find(of("a", bson.D{{Key: "$in", Value: bson.A{}}})), {{Key: "aggregate", Value: "persons"}, {Key: "pipeline", Value: bson.A{of("$match", 1)}}}} {
		if got := judgeCommand(raw(planted), seen, false); len(got) == 0 {
			t.Errorf("nothing is found in %v", planted)
		}
	}
}

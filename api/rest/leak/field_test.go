package leak_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// fields says of every text that somebody can send which canary of the story goes through it, or
// that nothing personal fits. A new text in the contract fails until it has a line here; the last
// names of its path are enough.
func fields() map[string]string {
	return map[string]string{
		"firstName": "firstName", "lastName": "lastName", "birthDate": "birthDate", "home.street": "street", "home.postCode": "postcode",
		"contact": "mail", "contacts": "phone", "device": "device", "token": "token", "words": "words-ride", "text": "message",
		"where.street": "whereStreet", "where.postCode": "wherePostcode", "ride.to.street": "rideStreet", "ride.to.postCode": "ridePostcode",
		"note": "note", "skills": "skills", "boxed.from": "boxedFrom", "boxed.to": "boxedTo", "NewDecision.reason": "decision",
		"NewReport.words": "report", "NewFeedback.words": "feedback", "NewReferral.words": "referral", "ReportAnswer.answer": "answer",
		// Nothing personal fits: codes, names of zones, places and languages, hours, rules. What is
		// typed into a search is somebody else's name; the log is searched for it.
		"code": "", "refresh": "", "language": "", "languages": "", "zone": "", "start": "", "end": "", "nightStart": "", "nightEnd": "",
		"rule": "", "skipped": "", "date": "", "SlotSwap.to": "", "swapped.to": "", "town": "", "reason": "", "kind": "", "query": "mail",
		"schemaVersion": "", "profileID": "", "cookie.v": "", "cookie.e": "", "clientGroupID": "", "clientID": "", "Bundle.sealed": "", "mutations.nonce": "", "mutations.name": "",
	}
}

// canaryFields are those that the story must fill in.
func canaryFields() []string {
	var all []string
	for _, field := range fields() {
		if field != "" {
			all = append(all, field)
		}
	}
	return append(all, "lat", "lon", "whereLat", "rideLat", "pause", "birthDate")
}

// shape is as much of a schema as says where texts are.
type shape struct {
	Ref        string           `yaml:"$ref"`
	Type       any              `yaml:"type"`
	Format     string           `yaml:"format"`
	Pattern    string           `yaml:"pattern"`
	Enum       []any            `yaml:"enum"`
	Properties map[string]shape `yaml:"properties"`
	Items      *shape           `yaml:"items"`
	AllOf      []shape          `yaml:"allOf"`
	OneOf      []shape          `yaml:"oneOf"`
	AnyOf      []shape          `yaml:"anyOf"`
}

// TestEveryTextOfTheContractHasACanary walks the bodies that the contract takes.
func TestEveryTextOfTheContractHasACanary(t *testing.T) {
	raw, err := os.ReadFile("../../../mobile-contract/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Schema shape `yaml:"schema"`
				} `yaml:"content"`
			} `yaml:"requestBody"`
		} `yaml:"paths"`
		Components struct {
			Schemas map[string]shape `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`^\^\[0-7\]`)
	texts := 0
	var walk func(path string, s shape)
	walk = func(path string, s shape) {
		if s.Ref != "" {
			walk(path, spec.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]])
		}
		for _, all := range [][]shape{s.AllOf, s.OneOf, s.AnyOf} {
			for _, part := range all {
				walk(path, part)
			}
		}
		if s.Items != nil {
			walk(path, *s.Items)
		}
		for name, property := range s.Properties {
			walk(path+"."+name, property)
		}
		if s.Type == "string" && len(s.Enum) == 0 && s.Format != "date-time" && !id.MatchString(s.Pattern) {
			texts++
			if !listed(path) {
				t.Errorf("%s: no canary goes through it", path)
			}
		}
	}
	for _, methods := range spec.Paths {
		for _, o := range methods {
			s := o.RequestBody.Content["application/json"].Schema
			walk(s.Ref[strings.LastIndex(s.Ref, "/")+1:], s)
		}
	}
	if texts < 50 {
		t.Errorf("only %d texts were found in the contract", texts)
	}
}

func listed(path string) bool {
	for suffix := range fields() {
		if path == suffix || strings.HasSuffix(path, "."+suffix) {
			return true
		}
	}
	return false
}

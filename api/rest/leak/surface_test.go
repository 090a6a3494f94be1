package leak_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// surface is every route of the service with an example of the body it takes, read from the contract:
// what is new there is drawn from the next run on.
type surface struct {
	routes  []route
	intents []intent // what a push may hand in
}

type route struct {
	method, path string
	example      any // nil where the route takes no body
}

func readSurface(t *testing.T) surface {
	t.Helper()
	raw, err := os.ReadFile("../../../mobile-contract/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref      string `yaml:"$ref"`
						Examples []any  `yaml:"examples"`
					} `yaml:"schema"`
				} `yaml:"content"`
			} `yaml:"requestBody"`
		} `yaml:"paths"`
		Components struct {
			Schemas map[string]struct {
				Examples []any `yaml:"examples"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	var s surface
	for path, methods := range spec.Paths {
		for method, o := range methods {
			r := route{method: strings.ToUpper(method), path: regexp.MustCompile(`\{([a-z]+)\}`).ReplaceAllString(path, ":$1")}
			if taken, ok := o.RequestBody.Content["application/json"]; ok {
				examples := append(taken.Schema.Examples, spec.Components.Schemas[taken.Schema.Ref[strings.LastIndex(taken.Schema.Ref, "/")+1:]].Examples...)
				if len(examples) == 0 {
					t.Fatalf("%s %s takes a body and shows none", method, path)
				}
				r.example = examples[0]
			}
			s.routes = append(s.routes, r)
		}
	}
	slices.SortFunc(s.routes, func(a, b route) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	s.intents = readIntents(t, s.routes)
	return s
}

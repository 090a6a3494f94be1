package faults

import (
	"context"
	"encoding/json"
	"slices"

	"naober/api/app"
	"naober/api/offline"
	"naober/matching/care"
)

// Library stands around what the service shows to devices: what is hidden from an account is not there, as after
// a moderator took it away. Readings over REST go on as they are.
func (s *Switches) Library(of offline.Library) offline.Library { return library{of, s} }

type library struct {
	offline.Library
	switches *Switches
}

// Documents implements offline.Library.
func (l library) Documents(ctx context.Context, c app.Caller) ([]offline.Document, error) {
	docs, err := l.Library.Documents(ctx, c)
	return slices.DeleteFunc(docs, func(d offline.Document) bool { return l.switches.hides(d.Key, c.Person) }), err
}

func (s *Switches) hides(key string, from care.PersonID) bool {
	return slices.ContainsFunc(s.board.lasting(Hide), func(f Fault) bool {
		return f.Key == key && (f.Account == "" || f.Account == string(from))
	})
}

// Actor stands around the intents: whoever does not see a document is refused there, as if there were none.
func (s *Switches) Actor(of offline.Actor, from offline.Library) offline.Actor {
	return actor{of, from, s}
}

type actor struct {
	offline.Actor
	library  offline.Library
	switches *Switches
}

// Act implements offline.Actor.
func (a actor) Act(ctx context.Context, c app.Caller, name string, args json.RawMessage) error {
	if len(a.switches.board.lasting(Hide)) == 0 {
		return a.Actor.Act(ctx, c, name, args)
	}
	docs, err := a.library.Documents(ctx, c)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if !a.switches.hides(d.Key, c.Person) {
			continue
		}
		if what := namedIn(args, idsOf(d.Value)); what != "" {
			return care.E(care.NotFound, what+"_not_found", "there is no such thing, or it is not yours to see")
		}
	}
	return a.Actor.Act(ctx, c, name, args)
}

// namedIn is the argument that holds one of these ids, such as request or visit.
func namedIn(args json.RawMessage, ids map[string]bool) string {
	var given map[string]any
	_ = json.Unmarshal(args, &given) // what is no object is refused by the service
	for _, name := range []string{"request", "ask", "visit", "offer", "referral", "report", "membership", "task"} {
		if id, ok := given[name].(string); ok && ids[id] {
			return name
		}
	}
	return ""
}

// idsOf are the ids of a document and of what lies in it.
func idsOf(value json.RawMessage) map[string]bool {
	ids := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if id, ok := v["id"].(string); ok {
				ids[id] = true
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	var all any
	_ = json.Unmarshal(value, &all) // the service wrote it
	walk(all)
	return ids
}

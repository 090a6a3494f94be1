package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/bundle"
	"naober/mobile-contract/wire"
)

// failing lets the service fail, or time pass, while it does an intent.
type failing struct {
	offline.Actor
	before func(name string) error
}

func (f failing) Act(ctx context.Context, c app.Caller, name string, args json.RawMessage) error {
	if err := f.before(name); err != nil {
		return err
	}
	return f.Actor.Act(ctx, c, name, args)
}

// sends pushes, and hands back the answer as it came.
func (p *phone) sends(all ...wire.Mutation) answer {
	p.w.t.Helper()
	raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Mutations: all})
	must(p.w.t, err)
	return p.w.call(p.who, "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""})
}

// pulls asks, and hands back the answer as it came.
func (p *phone) pulls(ops int) answer {
	p.w.t.Helper()
	raw, err := json.Marshal(wire.Pull{PullVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Cookie: p.cookie, MaxOps: ops})
	must(p.w.t, err)
	return p.w.call(p.who, "POST", "/sync/v1/pull", string(raw), header{"Idempotency-Key", ""})
}

// answersByFile are the ways to bring about what each file of fixtures/messages says, in a world with Anna in it.
func answersByFile() map[string]func(*world) answer {
	none := header{"Idempotency-Key", ""}
	asked := func(p *phone) wire.Mutation { return p.does("request.ask", p.w.needs(p.newID())) }
	missing := func(p *phone) wire.Mutation {
		return p.does("request.withdraw", fmt.Sprintf(`{"request":%q,"reason":"no_longer_needed"}`, p.newID()))
	}
	nameless := func(p *phone) wire.Mutation { return p.does("request.withdraw", `{"request":"x"}`) }
	return map[string]func(*world) answer{
		"keys":   func(w *world) answer { return w.call("Anna", "POST", "/sync/v1/keys", "", none) },
		"bundle": func(w *world) answer { return w.hand(w.hall(w.t, "Anna").export()) },
		"refused_400_bundle_invalid": func(w *world) answer {
			file := w.hall(w.t, "Anna").export()
			return w.hand(bytes.Replace(file, []byte(`"number":`), []byte(`"number":1`), 1))
		},
		"refused_400_bundle_expired": func(w *world) answer {
			file := w.hall(w.t, "Anna").export()
			w.pass(bundle.Life)
			return w.hand(file)
		},
		"refused_409_bundle_replayed": func(w *world) answer {
			h := w.hall(w.t, "Anna")
			file := h.export()
			w.hand(h.export())
			return w.hand(file)
		},
		"push_applied":  func(w *world) answer { p := w.phone("Anna"); return p.sends(asked(p)) },
		"push_rejected": func(w *world) answer { p := w.phone("Anna"); return p.sends(missing(p), nameless(p)) },
		"push_duplicate": func(w *world) answer {
			p := w.phone("Anna")
			all := []wire.Mutation{asked(p), missing(p), nameless(p), missing(p)}
			p.push(200, all...)
			row, err := w.stores.Ledger.Get(w.t.Context(), app.LedgerKey(string(w.people["Anna"].id)+"/"+all[3].Nonce))
			must(w.t, err)
			_, err = w.stores.Ledger.Update(w.t.Context(), row.Value.Key, port.Write{Quiet: true}, func(r app.LedgerRow) (app.LedgerRow, []care.Event, error) {
				r.Sent = nil // as where the row was forgotten
				return r, nil, nil
			})
			must(w.t, err)
			all[3].Nonce += "0"
			return p.sends(all...)
		},
		"push_time_over": func(w *world) answer {
			w.server.offline.Actor = failing{w.server.offline.Actor, func(string) error { w.pass(9 * time.Second); return nil }}
			p := w.phone("Anna")
			return p.sends(asked(p), asked(p))
		},
		"push_gap": func(w *world) answer {
			p := w.phone("Anna")
			p.push(200, asked(p))
			asked(p)
			return p.sends(asked(p))
		},
		"push_gap_of_an_unknown_writer": func(w *world) answer { p := w.phone("Anna"); asked(p); return p.sends(asked(p)) },
		"push_forked": func(w *world) answer {
			p := w.phone("Anna")
			first, second := asked(p), asked(p)
			p.push(200, first, second)
			second.Nonce += "x"
			return p.sends(second)
		},
		"push_retry": func(w *world) answer {
			w.server.offline.Actor = failing{w.server.offline.Actor, func(name string) error {
				if name == "request.withdraw" {
					return errors.New("planted")
				}
				return nil
			}}
			p := w.phone("Anna")
			return p.sends(asked(p), missing(p))
		},
		"push_too_old": func(w *world) answer {
			p := w.phone("Anna")
			p.writer = ulid.MustNew(ulid.Timestamp(w.clock().AddDate(-1, 0, -1)), ulid.DefaultEntropy()).String()
			return p.sends(asked(p))
		},
		"push_version_not_supported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", fmt.Sprintf(`{"pushVersion":2,"clientGroupID":%q,"schemaVersion":"1","mutations":[]}`, w.phone("Anna").group), none)
		},
		"pull_version_not_supported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/pull", fmt.Sprintf(`{"pullVersion":2,"clientGroupID":%q,"schemaVersion":"1","cookie":null}`, w.phone("Anna").group), none)
		},
		"pull_schema_not_supported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/pull", fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"2","cookie":null}`, w.phone("Anna").group), none)
		},
		"pull_first":      func(w *world) answer { return w.phone("Anna").pulls(0) },
		"pull_first_page": func(w *world) answer { return w.phone("Anna").pulls(2) },
		"pull_difference": func(w *world) answer {
			w.arrive("Ada", care.Administrator)
			p := w.phone("Anna")
			p.pullAll()
			p.push(200, asked(p), missing(p))
			gone := strings.TrimPrefix(p.of("membership")[0], "membership/")
			w.call("Ada", "DELETE", "/v1/memberships/"+gone, "").want(200)
			return p.pulls(0)
		},
		"pull_nothing_changed": func(w *world) answer { p := w.phone("Anna"); p.pullAll(); return p.pulls(0) },
		"pull_unknown_cookie": func(w *world) answer {
			p := w.phone("Anna")
			p.pullAll()
			p.cookie = &wire.Cookie{Order: 7, V: "forged", E: p.cookie.E}
			return p.pulls(0)
		},
		"config": func(w *world) answer { return w.call("", "GET", "/sync/v1/config", "") },
		"ticket": func(w *world) answer { return w.call("Anna", "POST", "/sync/v1/events/ticket", "", none) },
		"group_given_up": func(w *world) answer {
			return w.call("Anna", "DELETE", "/sync/v1/groups/"+w.phone("Anna").group, "", none)
		},
		"events": func(w *world) answer {
			return answer{t: w.t, status: 200, head: http.Header{"Content-Type": {"text/event-stream"}}} // TestTheStreamIsWhatTheFixtureSays
		},
		"refused_400_body_invalid": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", fmt.Sprintf(`{"pushVersion":1,"clientGroupID":%q,"schemaVersion":"1"}`, w.phone("Anna").group), none)
		},
		"refused_400_mutation_invalid": func(w *world) answer { p := w.phone("Anna"); m := asked(p); m.ID = 0; return p.sends(m) },
		"refused_400_push_too_large": func(w *world) answer {
			p := w.phone("Anna")
			var all []wire.Mutation
			for range offline.MostIntents + 1 {
				all = append(all, missing(p))
			}
			return p.sends(all...)
		},
		"refused_401_token_expired": func(w *world) answer {
			old := w.bearer("Anna")
			w.pass(16 * time.Minute)
			return w.call("", "POST", "/sync/v1/push", `{}`, header{"Authorization", "Bearer " + old})
		},
		"refused_401_token_invalid": func(w *world) answer {
			return w.call("", "POST", "/sync/v1/pull", `{}`, header{"Authorization", "Bearer x"})
		},
		"refused_401_session_ended": func(w *world) answer {
			token := w.bearer("Anna")
			id := w.call("Anna", "GET", "/v1/me/devices", "").want(200).text("items.0.id")
			w.call("Anna", "DELETE", "/v1/me/devices/"+id, "").want(204)
			return w.call("", "POST", "/sync/v1/pull", `{}`, header{"Authorization", "Bearer " + token})
		},
		"refused_403_client_group_forbidden": func(w *world) answer {
			w.arrive("Berend", care.Resident)
			p, other := w.phone("Anna"), w.phone("Berend")
			other.push(200, asked(other))
			p.group = other.group
			return p.pulls(0)
		},
		"refused_409_group_ended": func(w *world) answer {
			p := w.phone("Anna")
			p.push(200, asked(p))
			w.call("Anna", "DELETE", "/sync/v1/groups/"+p.group, "", none).want(204)
			return p.sends(asked(p))
		},
		"refused_410_account_gone": func(w *world) answer {
			p := w.phone("Anna")
			w.call("Anna", "POST", "/v1/me/forget", `{"firstName":"Anna"}`).want(204)
			return p.pulls(0)
		},
		"refused_410_account_gone_at_tokens": func(w *world) answer {
			refresh := fmt.Sprintf(`{"refresh":%q}`, w.people["Anna"].tokens.Refresh)
			w.call("Anna", "POST", "/v1/me/forget", `{"firstName":"Anna"}`).want(204)
			return w.call("", "POST", "/v1/tokens", refresh, none)
		},
		"refused_413_body_too_large": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", `{"mutations":[`+strings.Repeat("1,", 20_000)+`1]}`, none) // too many, and no bytes that are in the way of the answer
		},
		"refused_415_media_type_unsupported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", `{}`, none, header{"Content-Encoding", "gzip"})
		},
		"refused_429_too_many_calls": func(w *world) answer {
			w.narrow()
			p := w.phone("Anna")
			fill(w.t, func() error { return w.app.AdmitPerson(w.t.Context(), app.Writing, w.people["Anna"].id) })
			return p.sends(asked(p))
		},
		"refused_503_store_unavailable": func(w *world) answer {
			w.server.offline.Library = away{}
			return w.phone("Anna").pulls(0)
		},
	}
}

// away is a library whose store does not answer.
type away struct{}

func (away) Documents(context.Context, app.Caller) ([]offline.Document, error) {
	return nil, care.E(care.Unavailable, "store_unavailable", "the store does not answer now")
}

func (away) Standing(context.Context, care.PersonID) (string, error) { return "", nil }

// TestTheStreamIsWhatTheFixtureSays compares a stream of the service with the events of the file.
func TestTheStreamIsWhatTheFixtureSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Anna", care.Resident)
	text := fixtures[message](t, "messages")["events"].Answer.Text
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^event: (\w+)\ndata: (.*)$`).FindAllStringSubmatch(text, -1) {
		form := map[string]any{}
		must(t, json.Unmarshal([]byte(m[2]), &form))
		want = append(want, m[1]+" "+strings.Join(slices.Sorted(maps.Keys(form)), ","))
	}
	var got []string
	read := func(l *listening) {
		select {
		case said := <-l.events:
			name, data, _ := strings.Cut(said, " ")
			form := map[string]any{}
			must(t, json.Unmarshal([]byte(data), &form))
			got = append(got, name+" "+strings.Join(slices.Sorted(maps.Keys(form)), ","))
		case <-time.After(10 * time.Second):
			t.Fatalf("no event after %v", got)
		}
	}
	l := w.listen("/sync/v1/events", header{"Authorization", "Bearer " + w.bearer("Anna")})
	read(l)
	w.settle()
	w.call("Anna", "POST", "/v1/requests", strings.Replace(w.needs("x"), `"id":"x",`, "", 1)).want(201)
	w.settle()
	read(l)
	for range 4 {
		w.listensAs("Anna")
	}
	for len(got) < 3 || strings.HasPrefix(got[len(got)-1], "poke") {
		if read(l); strings.HasPrefix(got[len(got)-1], "poke") {
			got = got[:len(got)-1]
		}
	}
	if !slices.Equal(got, want) || !strings.Contains(text, "\n:\n") {
		t.Errorf("the service says %q, and the fixture %q", got, want)
	}
}

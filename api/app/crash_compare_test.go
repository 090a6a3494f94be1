package app_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

var (
	ulids = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}`)
	times = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`)
)

// hidden are the parts of documents that no reader sees, and that differ from run to run: random
// bytes, and by which process a row was judged. Verdicts on claims that came to nothing stay in their
// request until they are forgotten. A wave that is cut in two is two waves: who was asked counts.
func hidden() []string {
	return []string{"Salt", "CodeHash", "ArgsHash", "By@ledger", "Since@ledger", "Voids", "Wave", "Attempts", "Sealed", "Public", "ExpiresAt@flows", "Tries"}
}

// everything lists all documents as text: ids that are not known read "new", times "then".
func (v *village) everything(known map[string]bool) []string {
	v.t.Helper()
	var all []string
	s := v.Stores
	all = append(all, texts(v, known, "persons", s.Persons)...)
	all = append(all, texts(v, known, "helpers", s.Helpers)...)
	all = append(all, texts(v, known, "communities", port.Documents[care.CommunityID, care.Community](s.Communities))...)
	all = append(all, texts(v, known, "organizations", s.Organizations)...)
	all = append(all, texts(v, known, "memberships", s.Memberships)...)
	all = append(all, texts(v, known, "offers", s.Offers)...)
	all = append(all, texts(v, known, "requests", s.Requests)...)
	all = append(all, texts(v, known, "histories", s.Histories)...)
	all = append(all, texts(v, known, "messages", s.Messages)...)
	all = append(all, texts(v, known, "feedbacks", s.Feedbacks)...)
	all = append(all, texts(v, known, "reports", s.Reports)...)
	all = append(all, texts(v, known, "referrals", s.Referrals)...)
	all = append(all, texts(v, known, "sessions", s.Sessions)...)
	all = append(all, texts(v, known, "tasks", s.Tasks)...)
	all = append(all, texts(v, known, "ledger", s.Ledger)...)
	all = append(all, texts(v, known, "deliveries", v.letters)...)
	slices.Sort(all)
	// A reading that is made twice is logged twice, and a code that is asked for twice is sent twice.
	once := append(texts(v, known, "views", s.Views), texts(v, known, "flows", s.Flows)...)
	slices.Sort(once)
	return append(all, slices.Compact(once)...)
}

func texts[K ~string, T any](v *village, known map[string]bool, kind string, docs port.Documents[K, T]) []string {
	v.t.Helper()
	var all []string
	v.must(docs.Each(v.t.Context(), func(d port.Stored[T]) error {
		raw, err := json.Marshal(d.Value)
		if err != nil {
			return err
		}
		if known != nil {
			var tree any
			if err := json.Unmarshal(raw, &tree); err != nil {
				return err
			}
			if raw, err = json.Marshal(pruned(kind, tree)); err != nil {
				return err
			}
		}
		text := ulids.ReplaceAllStringFunc(kind+" "+string(raw), func(id string) string {
			if known == nil || known[id] {
				return id
			}
			return "new"
		})
		if known != nil {
			text = times.ReplaceAllStringFunc(text, func(at string) string {
				if strings.HasPrefix(at, `"0001-`) {
					return `"never"`
				}
				return `"then"`
			})
		}
		all = append(all, text)
		return nil
	}))
	return all
}

// pruned is a document without what is hidden.
func pruned(kind string, tree any) any {
	switch t := tree.(type) {
	case map[string]any:
		for name, value := range t {
			if slices.Contains(hidden(), name) || slices.Contains(hidden(), name+"@"+kind) {
				delete(t, name)
				continue
			}
			if value == deadPhone {
				value = "" // where it could not be forgotten, the next message to it does that
			}
			t[name] = pruned(kind, value)
		}
	case []any:
		for i := range t {
			t[i] = pruned(kind, t[i])
		}
	}
	return tree
}

// happened lists what came through the feed since the village was prepared, without an order. A wave
// that is looked at once more finds nobody once more and counts once. So does a reading that is made
// again: its data may have left the first time, so an honest log shows both. What counts once must
// still have come once for each document.
func (v *village) happened(known map[string]bool) []string {
	v.t.Helper()
	var all []string
	came := map[string]int{}
	last := v.cursor
	for {
		rows, err := v.Stores.Feed.Read(v.t.Context(), last, 500)
		v.must(err)
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			if r.ID != last+1 {
				v.t.Errorf("the feed goes from %d to %d", last, r.ID)
			}
			last = r.ID
			all = append(all, fmt.Sprint(r.Doc.Kind, " ", r.Event.Type))
			came[fmt.Sprint(r.Doc, " ", r.Seq)]++
			came[r.Doc.ID]++
		}
	}
	for event, times := range came {
		if strings.Contains(event, " ") && times > 1 {
			v.t.Errorf("event %s stands in the feed %d times", event, times)
		}
	}
	v.must(v.Stores.Views.Each(v.t.Context(), func(d port.Stored[app.View]) error {
		own := d.Value.Whose == d.Value.By // one's own search, which is news to nobody
		if known != nil && !known[d.ID] && !own && came[d.ID] != 1 {
			v.t.Errorf("of reading %s the feed tells %d times", d.ID, came[d.ID])
		}
		return nil
	}))
	slices.Sort(all)
	return slices.CompactFunc(all, func(a, b string) bool {
		return a == b && (strings.HasSuffix(a, string(care.RequestWaveEmpty)) || strings.HasSuffix(a, string(care.PersonViewed)))
	})
}

// orderly checks what holds in any village at rest, where every client has sent its command again until
// there was an answer: every intent was judged.
func (v *village) orderly() {
	v.t.Helper()
	v.settled()
	v.must(v.Stores.Ledger.Each(v.t.Context(), func(l port.Stored[app.LedgerRow]) error {
		if l.Value.State == app.Judging {
			v.t.Errorf("%s was never judged", l.Value.Name)
		}
		return nil
	}))
}

// settled checks what holds in any village at rest, besides what sound does: each request that is not
// closed has an owner and a next action to come, every event is in the feed, and no consumer has given up
// on one.
func (v *village) settled() {
	v.t.Helper()
	ctx := v.t.Context()
	v.sound()
	v.must(v.Stores.Requests.Each(ctx, func(r port.Stored[care.Request]) error {
		if r.Value.Phase != care.Ended && (r.Value.Owner == care.Chair{} || !r.Value.NextActionAt.After(v.clock())) {
			if r.Value.Phase == care.Live {
				v.t.Errorf("request %s: owner %+v, next action %s at %s", r.ID, r.Value.Owner, r.Value.NextActionAt, v.clock())
			}
		}
		return nil
	}))
	waiting, err := v.Stores.Feed.Pending(ctx, 10)
	v.must(err)
	if len(waiting) > 0 {
		v.t.Errorf("not in the feed: %+v", waiting)
	}
	verdict, err := v.VerifyAudit(ctx, "")
	v.must(err)
	if len(verdict.Faults) > 0 {
		v.t.Errorf("the audit log: %v", verdict.Faults)
	}
	v.delivered()
	v.must(v.Stores.Parked.Each(ctx, func(p port.Stored[feed.Parked]) error {
		if !p.Value.RetryAt.IsZero() {
			v.t.Errorf("%s still waits for %s: %s", p.Value.Consumer, p.Value.Row.Event.Type, p.Value.Code)
		}
		return nil
	}))
}

// seen is what a test compares: documents and events.
func (v *village) seen(p *prepared) []string {
	return append(v.everything(p.known), v.happened(p.known)...)
}

// differing tells which lines stand in one list only, and of two that are nearly the same where they
// part.
func differing(want, got []string) string {
	count := map[string]int{}
	for _, l := range want {
		count[l]--
	}
	for _, l := range got {
		count[l]++
	}
	var lines, near []string
	for l, n := range count {
		if n != 0 {
			lines = append(lines, fmt.Sprintf("%+d %s", n, l))
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[3:], b[3:]) })
	for i, l := range lines {
		from := 3
		if i > 0 {
			from = max(from, parting(lines[i-1], l)-60)
		}
		if i+1 < len(lines) {
			from = max(from, parting(l, lines[i+1])-60)
		}
		near = append(near, l[:3]+strings.SplitN(l[3:], " ", 2)[0]+" ..."+l[min(from, len(l)):min(len(l), from+400)])
	}
	return strings.Join(near, "\n")
}

// parting is where two lines begin to differ, their counts apart.
func parting(a, b string) int {
	i := 3
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return i
}

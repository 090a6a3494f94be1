package demo

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"naober/api/contact"
	"naober/matching/care"
	"naober/matching/place"
)

// founded is a Monday in November, ten in the morning in Grolloo.
var founded = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, seed uint64, at time.Time) *World {
	t.Helper()
	w, err := NewWorld(seed, at, 2_000)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestNewWorldIsTheSameForTheSameSeedAndMoment(t *testing.T) {
	if !reflect.DeepEqual(newWorld(t, 7, founded), newWorld(t, 7, founded)) {
		t.Error("two worlds of one seed differ")
	}
	one, other := newWorld(t, 7, founded), newWorld(t, 8, founded)
	if reflect.DeepEqual(one.Persons, other.Persons) || one.Persons[0].ID == other.Persons[0].ID {
		t.Error("another seed gives the same people")
	}
}

func TestSpreadFollowsPopulation(t *testing.T) {
	w := &World{At: founded}
	all := villages(w, 2_000)
	sum, people := 0, map[string]*village{}
	for _, v := range all {
		sum += v.invented
		people[v.place.Label()] = v
		if v.own <= 0 || v.invented < least {
			t.Errorf("%s has %d people and %d invented ones", v.place.Label(), v.own, v.invented)
		}
		for _, other := range all {
			if v.own > other.own && v.invented < other.invented {
				t.Errorf("%s is bigger than %s and has fewer invented residents", v.place.Label(), other.place.Label())
			}
		}
	}
	if sum != 2_000 || len(all) != 94 {
		t.Errorf("%d residents in %d villages", sum, len(all))
	}
	if assen := people["Assen"]; assen.own != 62_237-12_241-6_635 {
		t.Errorf("Assen without its parts has %d people", assen.own)
	}
	if people["Assen"].invented < 8*people["Grolloo"].invented {
		t.Errorf("Assen has %d and Grolloo %d", people["Assen"].invented, people["Grolloo"].invented)
	}
}

func TestEveryDocumentOfTheWorldIsOneThatTheTradeAccepts(t *testing.T) {
	w := newWorld(t, 1, founded)
	ids := map[string]bool{}
	once := func(kind, id string) {
		if ids[kind+id] {
			t.Errorf("%s %s stands twice", kind, id)
		}
		ids[kind+id] = true
	}
	mails := map[string]bool{}
	for _, p := range w.Persons {
		once("person", string(p.ID))
		if _, _, err := care.Register(p, founded); err != nil {
			t.Errorf("%s %s: %v", p.FirstName, p.LastName, err)
		}
		for _, c := range p.Contacts {
			if normal, err := contact.ParseMail(c.Value); err != nil || normal != c.Value || mails[c.Value] {
				t.Errorf("mail %q: normal %q, taken %v, %v", c.Value, normal, mails[c.Value], err)
			}
			mails[c.Value] = true
		}
	}
	for _, m := range w.Memberships {
		once("membership", string(m.ID))
		if !m.Active(founded) || !m.Role.Known() {
			t.Errorf("membership %+v", m)
		}
	}
	for _, o := range w.Offers {
		once("offer", string(o.ID))
		if err := o.Validate(); err != nil {
			t.Errorf("offer of %s: %v", o.Helper, err)
		}
	}
	for _, h := range w.Helpers {
		once("helper", string(h.Person))
		for _, v := range h.Vettings {
			if err := v.Validate(); err != nil {
				t.Error(err)
			}
		}
		if err := h.Quiet.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, s := range w.Phones {
		once("session", string(s.ID))
	}
}

func TestHelpersLookLikeLife(t *testing.T) {
	w := newWorld(t, 1, founded)
	share := func(what string, n, of, low, high int) {
		if percent := 100 * n / of; percent < low || percent > high {
			t.Errorf("%s: %d of %d", what, n, of)
		}
	}
	old, approved, applied, paused, vog := 0, 0, 0, 0, 0
	for _, p := range w.Persons {
		if p.BirthDate < "1961-11-23" {
			old++
		}
	}
	for _, h := range w.Helpers {
		if h.ApprovedIn(h.Approvals[0].Community) {
			approved++
		} else {
			applied++
		}
		if len(h.Pauses) > 0 {
			paused++
		}
		if len(h.Vettings) > 0 {
			vog++
		}
	}
	helpers := len(w.Helpers)
	share("helpers", helpers, 2_000, 30, 40)
	share("65 and older", old, len(w.Persons), 28, 42)
	share("approved", approved, helpers, 85, 97)
	share("applied", applied, helpers, 3, 12)
	share("paused", paused, helpers, 1, 8)
	share("with a VOG", vog, helpers, 65, 85)
}

func TestEveryVillageHasItsPeopleOfTrust(t *testing.T) {
	w := newWorld(t, 1, founded)
	for _, c := range w.Communities {
		for _, role := range []care.Role{care.FixedWorker, care.DeskWorker, care.Moderator, care.Administrator, care.ProfessionalRole} {
			if !slices.ContainsFunc(w.Memberships, func(m care.Membership) bool { return m.Community == c.ID && m.Role == role && !m.Deputy }) {
				t.Errorf("%s has no %s", c.Name, role)
			}
		}
		if !slices.ContainsFunc(w.Memberships, func(m care.Membership) bool { return m.Organization == c.Guarantor && m.Role == care.GuarantorRole }) {
			t.Errorf("%s has nobody who must answer", c.Name)
		}
		if len(c.Neighbours) != 5 || slices.Contains(c.Neighbours, c.ID) {
			t.Errorf("%s has the neighbours %v", c.Name, c.Neighbours)
		}
	}
}

func TestHomesLieInTheirVillage(t *testing.T) {
	w := newWorld(t, 1, founded)
	for _, p := range w.Persons {
		centre := place.ByName(p.Home.Town)[0].Point
		if far := place.Distance(centre, p.Home.Point); far > 4_000 {
			t.Errorf("somebody of %s lives %.0f m from it", p.Home.Town, far)
		}
	}
}

package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/api/postroom"
	"naober/api/store/mongostore"
	"naober/api/store/sqlitestore"
	"naober/api/store/vault"
	"naober/api/token"
	"naober/matching/care"
)

// village is a small community on the embedded store, with a clock that a test moves and loops
// that a test steps, so that nothing waits and nothing happens by itself.
type village struct {
	*app.App
	close    func() error
	path     string  // of the embedded store; empty on another
	mongo    *ground // of worlds on a server; nil on the embedded store
	database string  // at a MongoDB server; empty on the embedded store
	t        *testing.T
	mu       sync.Mutex
	now      time.Time
	cursor   int64
	rows     []port.Row // that came through the feed
	nonces   int
	here     care.CommunityID
	there    care.CommunityID // a neighbour village, where a test has one
	worker   care.PersonID
	mod      care.PersonID
	nurse    care.PersonID
	clinic   care.OrganizationID
	intake   care.PersonID // at the clinic
	posted   map[string]string
	vault    *vault.Vault  // of the last handle
	letters  postroom.Docs // of the last handle
	phones   *phones       // nil where nobody has one
}

// monday is a working morning in winter: 09:00 in Drenthe.
func monday() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

func (v *village) SendCode(_ context.Context, to care.Contact, _, code string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.posted[to.Value] = code
	return nil
}

func (v *village) clock() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// eachStore runs a test on the embedded store, and on MongoDB where a server is named.
func eachStore(t *testing.T, test func(t *testing.T, v *village)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newVillage(t)) })
	if os.Getenv("NAOBER_MONGO_URI") == "" {
		return
	}
	t.Run("mongo", func(t *testing.T) {
		v := &village{t: t, now: monday(), posted: map[string]string{}, database: "app_" + rand.Text()}
		v.App = v.process(v.connect().Stores())
		v.must(v.LoadKeys(t.Context()))
		v.settleVillage()
		test(t, v)
	})
}

func villageSecret() []byte { return bytes.Repeat([]byte{7}, 32) }

func newVillage(t *testing.T) *village {
	t.Helper()
	v := &village{t: t, now: monday(), posted: map[string]string{}, path: filepath.Join(t.TempDir(), "naober.db")}
	v.App = v.process(v.handle(v.path).Stores())
	v.must(v.LoadKeys(t.Context()))
	v.settleVillage()
	return v
}

// handle opens a file once more; several may have the same open.
func (v *village) handle(path string) *sqlitestore.Store {
	v.t.Helper()
	s, err := sqlitestore.Open(v.t.Context(), path, sqlitestore.Options{Key: villageSecret(), Now: v.clock})
	v.must(err)
	v.t.Cleanup(func() { _ = s.Close() })
	v.vault, v.letters = s.Vault(), s.Deliveries()
	return s
}

// connect opens the village's database once more.
func (v *village) connect() *mongostore.Store {
	v.t.Helper()
	s, err := mongostore.Open(v.t.Context(), os.Getenv("NAOBER_MONGO_URI"), v.database, mongostore.Options{Key: villageSecret(), Now: v.clock})
	v.must(err)
	v.t.Cleanup(func() { _ = s.Close(context.Background()) })
	v.vault, v.letters = s.Vault(), s.Deliveries()
	return s
}

// process is one more App over stores, with an index of its own.
func (v *village) process(stores app.Stores) *app.App {
	v.t.Helper()
	a := v.onlooker(stores)
	v.must(a.Rebuild(v.t.Context()))
	return a
}

// onlooker is an App that has not read anything yet.
func (v *village) onlooker(stores app.Stores) *app.App {
	v.t.Helper()
	issuer, err := token.NewIssuer("https://naober.example", "naober")
	v.must(err)
	refresher, err := token.NewRefresher(token.Secret{ID: "1", Value: villageSecret()})
	v.must(err)
	return app.New(app.Settings{Stores: stores, Now: v.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Postman: v,
		Issuer: issuer, Refresher: refresher, Secret: v.vault.Secret(), Vault: v.vault, Region: "NL"})
}

// second is another process on the village's file or database.
func (v *village) second() *app.App {
	if v.database != "" {
		return v.process(v.connect().Stores())
	}
	return v.process(v.handle(v.path).Stores())
}

func (v *village) settleVillage() {
	ctx := v.t.Context()
	guarantor, err := v.CreateOrganization(ctx, care.Organization{Kind: care.Professional, Name: "Wijkteam"})
	v.must(err)
	v.clinic, err = v.CreateOrganization(ctx, care.Organization{Kind: care.FormalCare, Name: "Thuiszorg"})
	v.must(err)
	v.here, err = v.CreateCommunity(ctx, care.Community{Name: "Grolloo", Town: "Grolloo", Point: care.Point{Lat: 52.935, Lon: 6.672},
		Zone: "Europe/Amsterdam", Guarantor: guarantor})
	v.must(err)
	v.worker, v.mod, v.nurse, v.intake = v.person("Wiecher", 0), v.person("Marga", 0), v.person("Nynke", 0), v.person("Tessa", 0)
	for _, m := range []care.Membership{
		{Person: v.worker, Community: v.here, Role: care.FixedWorker},
		{Person: v.worker, Community: v.here, Role: care.DeskWorker},
		{Person: v.mod, Community: v.here, Role: care.Moderator},
		{Person: v.nurse, Community: v.here, Role: care.ProfessionalRole},
		{Person: v.nurse, Organization: guarantor, Role: care.GuarantorRole},
		{Person: v.nurse, Organization: guarantor, Role: care.ProfessionalRole},
		{Person: v.intake, Organization: v.clinic, Role: care.ProfessionalRole},
	} {
		_, err := v.GrantFirstRole(ctx, m)
		v.must(err)
	}
}

// person stores somebody who lives so many kilometres east of the church.
func (v *village) person(name string, east int) care.PersonID {
	v.t.Helper()
	ctx := v.t.Context()
	v.nonces++
	sum := sha256.Sum256([]byte(fmt.Sprint(name, v.nonces)))
	id := care.DeriveID[care.PersonID](v.now, string(sum[:]))
	p, events, err := care.Register(care.Person{ID: id, FirstName: name, LastName: "Proef", BirthDate: "1950-03-04", Language: "nl",
		Contacts:   []care.Contact{{Kind: care.Mail, Value: strings.ToLower(fmt.Sprintf("%s%d@dorp.example", name, v.nonces))}},
		Home:       care.Place{Point: care.Point{Lat: 52.935, Lon: 6.672 + 0.015*float64(east)}, Street: "Dorpsstraat 1", Town: "Grolloo"},
		Registered: care.ByApp}, v.now)
	v.must(err)
	_, err = v.Stores.Persons.Insert(ctx, id, p, events, port.Write{})
	v.must(err)
	if v.here != "" {
		_, err = v.GrantFirstRole(ctx, care.Membership{Person: id, Community: v.here, Role: care.Resident})
		v.must(err)
	}
	return id
}

// as is a call by somebody under a nonce of its own.
func (v *village) as(p care.PersonID) app.Caller {
	v.nonces++
	return app.Caller{Person: p, Nonce: care.Nonce(fmt.Sprintf("test-nonce-%06d", v.nonces))}
}

// driver is an approved helper with a car, free by day.
func (v *village) driver(name string, east int) care.PersonID {
	v.t.Helper()
	p := v.person(name, east)
	ctx := v.t.Context()
	v.must(v.ApplyAsHelper(ctx, v.as(p), v.here))
	v.must(v.ApproveHelper(ctx, v.as(v.mod), v.here, p, care.Decision{Rule: "welcome@1", Reason: "known in the village"}))
	v.must(v.VetHelper(ctx, v.as(v.mod), v.here, p, care.Vetting{Kind: "vog", ValidUntil: v.now.AddDate(1, 0, 0)}))
	week := []care.Window{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		week = append(week, care.Window{Day: d, Start: 7 * 60, End: 20 * 60})
	}
	_, err := v.MakeOffer(ctx, v.as(p), care.Offer{Community: v.here, Kinds: []care.Kind{care.RideKind}, Radius: 20_000, Travel: care.ByCar,
		Availability: care.Availability{Zone: "Europe/Amsterdam", Weekly: week}, Vehicle: care.Vehicle{Seats: 3, Walker: true}, Languages: []string{"nl"}})
	v.must(err)
	return p
}

// ride asks for a ride to Assen on Thursday at ten, back at noon.
func (v *village) ride(resident care.PersonID, from time.Time) care.RequestID {
	v.t.Helper()
	n := rideOf(from)
	n.Community = v.here
	id, err := v.AskForHelp(v.t.Context(), v.as(resident), n)
	v.must(err)
	v.run()
	return id
}

func thursday() time.Time { return time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC) }

// run brings every event through the feed and lets the clock act on what is due, until nothing is
// left to do.
func (v *village) run() {
	v.t.Helper()
	ctx := v.t.Context()
	mover := &feed.Mover{Feed: v.Stores.Feed, Now: v.clock}
	for range 200 {
		moved, err := mover.Step(ctx)
		v.must(err)
		rows, err := v.Stores.Feed.Read(ctx, v.cursor, 500)
		v.must(err)
		for _, row := range rows {
			v.must(v.Steward(ctx, row))
			v.must(v.Dispatch(ctx, row))
			v.must(v.Follow(ctx, row))
			v.cursor, v.rows = row.ID, append(v.rows, row)
		}
		ticked, err := v.NewClockwork(feed.SystemTime()).Step(ctx)
		v.must(err)
		if moved == 0 && len(rows) == 0 && ticked == 0 {
			return
		}
	}
	v.t.Fatal("the village never comes to rest")
}

// at moves the clock to a moment and lets everything due happen.
func (v *village) at(now time.Time) {
	v.t.Helper()
	v.pass(now.Sub(v.clock()))
	v.run()
}

// pass moves the clock alone.
func (v *village) pass(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = v.now.Add(d)
}

func (v *village) request(id care.RequestID) care.Request {
	v.t.Helper()
	r, err := v.Stores.Requests.Get(v.t.Context(), id)
	v.must(err)
	return r.Value
}

// askOf is the open ask of a helper.
func (v *village) askOf(id care.RequestID, p care.PersonID) care.Ask {
	v.t.Helper()
	for _, a := range v.request(id).Asks {
		if a.Helper == p && a.Answerable() {
			return a
		}
	}
	v.t.Fatalf("%s is not asked: %+v", p, v.request(id).Asks)
	return care.Ask{}
}

// open lists who is asked and has not answered.
func (v *village) open(id care.RequestID) []care.PersonID {
	var people []care.PersonID
	for _, a := range v.request(id).Asks {
		if a.State == care.Asked {
			people = append(people, a.Helper)
		}
	}
	return people
}

func (v *village) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// refused checks that an error is the refusal with this code.
func (v *village) refused(err error, code string) {
	v.t.Helper()
	if care.CodeOf(err) != code {
		v.t.Fatalf("got %v, want %s", err, code)
	}
}

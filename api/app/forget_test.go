package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/mongostore"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
)

// life is Anna, who asked for a ride and has a session, and Berend, who said yes and wrote to her.
type life struct {
	anna, berend care.PersonID
	ride         care.RequestID
	visit        care.VisitID
	mail         string
	secrets      []string // what nobody finds once Anna is forgotten
}

func livesOf(v *village) life {
	v.t.Helper()
	ctx := v.t.Context()
	l := life{anna: v.person("Anneloes", 1), berend: v.driver("Berend", 2)}
	p, err := v.Stores.Persons.Get(ctx, l.anna)
	v.must(err)
	l.mail = p.Value.Contacts[0].Value
	_, err = v.Stores.Persons.Update(ctx, l.anna, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) {
		next := p
		next.LastName, next.Home.Street, next.Home.PostCode, next.BirthDate = "Kaspersveld", "Zwartepad 17", "9444 ZX", "1938-07-21"
		return p.Edit(next, p.ID, v.clock())
	})
	v.must(err)
	n := rideOf(thursday())
	n.Community, n.Words = v.here, "Met de rollator naar de oogarts"
	l.ride, err = v.AskForHelp(ctx, v.as(l.anna), n)
	v.must(err)
	v.run()
	_, err = v.AcceptAsk(ctx, v.as(l.berend), v.askOf(l.ride, l.berend).ID, time.Time{})
	v.must(err)
	v.run()
	l.visit = v.request(l.ride).Visits[0].ID
	_, err = v.SendMessage(ctx, v.as(l.anna), l.visit, "De sleutel ligt onder de pot")
	v.must(err)
	_, err = v.Stores.Sessions.Insert(ctx, "01KAS0GR0110000000000000SS", app.Session{ID: "01KAS0GR0110000000000000SS", Person: l.anna,
		Device: "Fairphone van Anneloes", PushToken: "fLk3:APA91bE-geheim", CreatedAt: v.clock(), UsedAt: v.clock()}, nil, port.Write{})
	v.must(err)
	l.secrets = []string{"Anneloes", "Kaspersveld", "Zwartepad", "9444 ZX", "1938-07-21", l.mail, "rollator", "oogarts", "onder de pot", "Fairphone", "fLk3"}
	v.run()
	return l
}

// TestASignInThatIsForgottenMeanwhileOpensNothing: the code is proven, and the person forgotten before
// the session is written.
func TestASignInThatIsForgottenMeanwhileOpensNothing(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		l := livesOf(v)
		r := v.code(l.mail)
		g, other := newGate(), v.elsewhere()
		other.Stores.Sessions = gated[app.SessionID, app.Session]{other.Stores.Sessions, g}
		wake := v.freeze(g, func() error {
			_, err := other.RedeemCode(ctx, r)
			return err
		})
		v.must(v.ForgetMe(ctx, v.as(l.anna), "Anneloes"))
		v.refused(wake(), "code_invalid")
		sessions, err := v.Stores.Sessions.Find(ctx, port.Key{Name: app.ByPerson, Value: string(l.anna)}, port.Page{Limit: 10})
		v.must(err)
		if len(sessions) != 2 {
			t.Fatalf("%d sessions, want the one of before and the one that came late", len(sessions))
		}
		for _, s := range sessions {
			if s.Value.EndedAt.IsZero() {
				t.Errorf("session %s goes on", s.ID)
			}
		}
	})
}

// TestForgetMe: everything of the person ends properly, and what is others' stays whole.
func TestForgetMe(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		l := livesOf(v)
		v.refused(v.ForgetMe(ctx, v.as(l.anna), "Berend"), "confirmation_wrong")
		c := v.as(l.anna)
		v.must(v.ForgetMe(ctx, c, " anneloes "))
		v.must(v.ForgetMe(ctx, c, " anneloes ")) // a resend
		v.run()

		r := v.request(l.ride)
		if r.Phase != care.Ended || r.Outcome != care.Withdrawn || r.Words != "" || r.Where.Street != "" {
			t.Errorf("her request is %+v", r)
		}
		visit, err := r.Visit(l.visit)
		v.must(err)
		if visit.State != care.VisitCalledOff || visit.Helper != l.berend {
			t.Errorf("his visit is %+v", visit)
		}
		for _, event := range []care.EventType{care.VisitCancelled, care.RequestClosed, care.PersonForgetting, care.PersonForgotten, care.MembershipEnded} {
			if n := v.counted(event); n != 1 {
				t.Errorf("%s happened %d times", event, n)
			}
		}
		h, err := v.Stores.Helpers.Get(ctx, l.berend)
		v.must(err)
		if len(h.Value.Agreed)+len(h.Value.Claims) != 0 {
			t.Errorf("he is still bound: %+v", h.Value)
		}
		p, err := v.Stores.Persons.Get(ctx, l.anna)
		v.must(err)
		if p.Value.FirstName+p.Value.LastName+p.Value.BirthDate+p.Value.Home.Street != "" || len(p.Value.Contacts) > 0 || p.Value.ForgottenAt.IsZero() {
			t.Errorf("she is still %+v", p.Value)
		}
		s, err := v.Stores.Sessions.Get(ctx, "01KAS0GR0110000000000000SS")
		v.must(err)
		if s.Value.EndedAt.IsZero() || s.Value.Device+s.Value.PushToken != "" {
			t.Errorf("her session is %+v", s.Value)
		}
		if found := byContact(v, v.App, l.mail); len(found) > 0 {
			t.Errorf("her address finds %v", found)
		}
		if mine, err := v.Memberships(ctx, v.as(l.anna)); err != nil || len(mine) > 0 {
			t.Errorf("she still has %v, %v", mine, err)
		}
		// The other side's own story still loads, without her.
		if _, err := v.Request(ctx, v.as(l.berend), l.ride); err != nil && !care.IsKind(err, care.NotFound) {
			t.Errorf("his view: %v", err)
		}
		if _, err := v.Messages(ctx, v.as(l.berend), l.visit, port.Page{Limit: 10}); err != nil && !care.IsKind(err, care.NotFound) {
			t.Errorf("his messages: %v", err)
		}
		if _, err := v.Person(ctx, v.as(v.worker), l.anna); !care.IsKind(err, care.NotFound) {
			t.Errorf("the desk sees her: %v", err)
		}
	})
}

func TestForgetHelper(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		l := livesOf(v)
		v.must(v.ForgetMe(t.Context(), v.as(l.berend), "Berend"))
		v.run()
		r := v.request(l.ride)
		if visit, err := r.Visit(l.visit); err != nil || visit.State != care.VisitCalledOff || v.counted(care.VisitReturned) != 1 {
			t.Errorf("the visit is %+v, %v", visit, err)
		}
		if r.Phase != care.Live || r.NextActionAt.IsZero() {
			t.Errorf("the request was dropped: %+v", r)
		}
		offers, err := v.Stores.Offers.Find(t.Context(), port.Key{Name: app.ByPerson, Value: string(l.berend)}, port.Page{Limit: 10})
		v.must(err)
		for _, o := range offers {
			if o.Value.EndedAt.IsZero() {
				t.Errorf("an offer stands: %+v", o.Value)
			}
		}
		h, err := v.Stores.Helpers.Get(t.Context(), l.berend)
		v.must(err)
		if len(h.Value.Approvals)+len(h.Value.Agreed)+len(h.Value.Claims)+len(h.Value.Vettings) > 0 {
			t.Errorf("his book holds %+v", h.Value)
		}
	})
}

func TestForgetPersonIsForTheFixedWorkerAndThoseWithoutTheApp(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna := v.person("Anneloes", 1)
	v.refused(v.ForgetPerson(ctx, v.as(v.worker), anna, "Anneloes"), "forget_by_oneself")
	_, err := v.Stores.Persons.Update(ctx, anna, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) {
		p.WithoutApp = true
		return p, nil, nil
	})
	v.must(err)
	v.refused(v.ForgetPerson(ctx, v.as(v.mod), anna, "Anneloes"), "forget_by_oneself")
	v.refused(v.ForgetPerson(ctx, v.as(v.person("Corrie", 1)), anna, "Anneloes"), "person_not_found")
	v.must(v.ForgetPerson(ctx, v.as(v.worker), anna, "Anneloes"))
	p, err := v.Stores.Persons.Get(ctx, anna)
	v.must(err)
	if p.Value.ForgottenAt.IsZero() {
		t.Error("she was not forgotten")
	}
}

// TestForgottenStayForgotten restores the backup that was made before, with the service key at hand
// and the key store as it is: nothing of the person is read, found, or lies in any byte.
func TestForgottenStayForgotten(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		l := livesOf(v)
		d := diskOf(v)
		for _, secret := range append(slices.Clone(l.secrets), "Berend", "Dorpsstraat") {
			if at := d.holds(secret); at != "" {
				t.Errorf("%q lies openly in %s", secret, at)
			}
		}
		if d.holds("Grolloo") == "" { // a village is public: whoever looks does find what lies openly
			t.Fatal("the search finds nothing at all")
		}
		backup := d.backup()
		if before, err := d.restore(backup).Stores.Persons.Get(t.Context(), l.anna); err != nil || before.Value.FirstName != "Anneloes" {
			t.Fatalf("the backup is none: %+v, %v", before.Value, err)
		}
		v.must(v.ForgetMe(t.Context(), v.as(l.anna), "Anneloes"))
		v.run()
		restored := d.restore(backup)
		p, err := restored.Stores.Persons.Get(t.Context(), l.anna)
		v.must(err)
		if text := fmt.Sprintf("%+v", p.Value); strings.Contains(text, "Anneloes") || strings.Contains(text, "Zwartepad") || p.Value.Home.Point.Lat != 0 {
			t.Errorf("a restored backup says %s", text)
		}
		r, err := restored.Stores.Requests.Get(t.Context(), l.ride)
		v.must(err)
		if r.Value.Words != "" || r.Value.Where.Street != "" {
			t.Errorf("a restored backup says %q", r.Value.Words)
		}
		if found := byContact(v, restored, l.mail); len(found) > 0 {
			t.Errorf("a restored backup finds %v by her address", found)
		}
		other, err := restored.Stores.Persons.Get(t.Context(), l.berend)
		if err != nil || other.Value.FirstName != "Berend" {
			t.Errorf("the others are not restored: %+v, %v", other.Value, err)
		}
	})
}

func byContact(v *village, a *app.App, mail string) []port.Stored[care.Person] {
	v.t.Helper()
	hash := app.ContactHash(v.vault.Secret())(care.Contact{Kind: care.Mail, Value: mail})
	found, err := a.Stores.Persons.Find(v.t.Context(), port.Key{Name: app.ByContact, Value: hash}, port.Page{Limit: 10})
	v.must(err)
	return found
}

// disk is where a village's data and keys lie.
type disk interface {
	holds(text string) string // in which place of data or keys a text lies openly
	backup() any              // of the data alone
	restore(backup any) *app.App
}

func diskOf(v *village) disk {
	if v.path != "" {
		return files{v}
	}
	return database{v}
}

type files struct{ *village }

func (f files) holds(text string) string {
	for _, path := range []string{f.path, f.path + "-wal", keysBeside(f.path), keysBeside(f.path) + "-wal"} {
		raw, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		f.must(err)
		if bytes.Contains(raw, []byte(text)) {
			return filepath.Base(path)
		}
	}
	return ""
}

func (f files) vacuum(from, to string) {
	f.t.Helper()
	db, err := sql.Open("sqlite", from)
	f.must(err)
	_, err = db.ExecContext(f.t.Context(), "VACUUM INTO ?", to)
	f.must(errors.Join(err, db.Close()))
}

func (f files) backup() any {
	path := filepath.Join(f.t.TempDir(), "naober.db")
	f.vacuum(f.path, path)
	return path
}

func (f files) restore(backup any) *app.App {
	path := filepath.Join(f.t.TempDir(), "naober.db")
	f.vacuum(backup.(string), path)
	s, err := sqlitestore.Open(f.t.Context(), path, sqlitestore.Options{Key: villageSecret(), Now: f.clock, Keys: keysBeside(f.path)})
	f.must(err)
	f.t.Cleanup(func() { _ = s.Close() })
	return f.process(s.Stores())
}

type database struct{ *village }

func (d database) each(name string, visit func(collection string, doc bson.Raw)) {
	d.t.Helper()
	ctx := d.t.Context()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(os.Getenv("NAOBER_MONGO_URI")))
	d.must(err)
	defer func() { d.must(client.Disconnect(context.Background())) }()
	names, err := client.Database(name).ListCollectionNames(ctx, bson.D{})
	d.must(err)
	for _, collection := range names {
		cursor, err := client.Database(name).Collection(collection).Find(ctx, bson.D{})
		d.must(err)
		for cursor.Next(ctx) {
			visit(collection, slices.Clone(cursor.Current))
		}
		d.must(cursor.Err())
	}
}

func (d database) holds(text string) string {
	found := ""
	for _, name := range []string{d.database, d.database + "_keys"} {
		d.each(name, func(collection string, doc bson.Raw) {
			if bytes.Contains(doc, []byte(text)) {
				found = name + "." + collection
			}
		})
	}
	return found
}

func (d database) backup() any {
	all := map[string][]any{}
	d.each(d.database, func(collection string, doc bson.Raw) { all[collection] = append(all[collection], doc) })
	return all
}

func (d database) restore(backup any) *app.App {
	d.t.Helper()
	ctx := d.t.Context()
	uri, name := os.Getenv("NAOBER_MONGO_URI"), "restored_"+rand.Text()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
	d.must(err)
	d.t.Cleanup(func() {
		d.must(errors.Join(client.Database(name).Drop(context.Background()), client.Disconnect(context.Background())))
	})
	for collection, docs := range backup.(map[string][]any) {
		_, err := client.Database(name).Collection(collection).InsertMany(ctx, docs)
		d.must(err)
	}
	s, err := mongostore.Open(ctx, uri, name, mongostore.Options{Key: villageSecret(), Now: d.clock, Keys: d.database + "_keys"})
	d.must(err)
	d.t.Cleanup(func() { _ = s.Close(context.Background()) })
	return d.process(s.Stores())
}

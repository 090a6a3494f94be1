package record_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/store/record"
	"naober/matching/care"
)

// plainTypes are the types of text and number that say nothing about a person by themselves.
func plainTypes() map[string]string {
	types := map[string]string{"care.LocalTime": "when, not who", "app.LedgerKey": "ids", "app.LedgerState": "a state"}
	for _, id := range []string{"care.PersonID", "care.CommunityID", "care.OrganizationID", "care.MembershipID", "care.RequestID", "care.SlotID",
		"care.AskID", "care.VisitID", "care.OfferID", "care.MessageID", "care.FeedbackID", "care.ReportID", "care.ReferralID", "care.DecisionID", "care.TaskID", "care.MergeID",
		"care.Nonce", "app.SessionID", "app.FlowID"} {
		types[id] = "an id"
	}
	for _, code := range []string{"care.Channel", "care.Kind", "care.Urgency", "care.Phase", "care.Outcome", "care.Stage", "care.ChairKind", "care.Todo",
		"care.Action", "care.AskState", "care.VisitState", "care.Party", "care.Role", "care.OrganizationKind", "care.ApprovalState", "care.VettingKind",
		"care.Purpose", "care.TaskKind", "care.TravelMode", "care.ReportState", "care.ReferralState", "care.ConsentBasis", "care.EventType", "notifications.Class",
		"notifications.State"} {
		types[code] = "a code or state of ours"
	}
	return types
}

// plainFields are single fields that are stored as they are, and why.
func plainFields() map[string]string {
	return map[string]string{
		"helpers.quiet.zone": "a time zone", "helpers.approvals[].decision.rule": "which rule was cited", "helpers.pauses[].decision.rule": "which rule was cited",
		"helpers.absorbed[].before.quiet.zone": "a time zone", "helpers.absorbed[].before.approvals[].decision.rule": "which rule was cited",
		"helpers.absorbed[].after.quiet.zone": "a time zone", "helpers.absorbed[].after.approvals[].decision.rule": "which rule was cited",
		"communities.name": "a village is public", "communities.town": "a village is public", "communities.zone": "a time zone",
		"communities.point.lat": "a village is public", "communities.point.lon": "a village is public", "organizations.name": "a body is public",
		"requests.zone": "a time zone", "requests.series?.rule": "when, not who", "requests.series?.zone": "a time zone",
		"requests.series?.skipped[]": "dates", "requests.series?.swapped[].date": "a date", "requests.slots[].date": "a date",
		"histories.slots[].date": "a date", "sessions.salt": "random", "sessions.endReason": "a code",
		"flows.contact": "a hash under the root secret, which lies in the key store", "flows.codeHash": "a hash under the root secret",
		"signing_keys.id": "an id", "signing_keys.sealed": "sealed under the root secret", "signing_keys.public": "public",
		"ledger.name": "a command's name", "ledger.argsHash": "a hash under the root secret", "ledger.subject": "an id", "ledger.code": "a code", "ledger.sent[].writer": "an id", "ledger.by": "a process",
		"tallies.key": "a hash under the root secret", "views.id": "an id", "views.what": "a code", "views.basis": "a code",
		"leases.name": "a work's name", "leases.holder": "a process", "parked.id": "an id", "parked.consumer": "a consumer's name", "parked.code": "a code",
		"parked.row.kind": "a kind", "parked.row.doc": "an id", "parked.row.event.code": "a code",
		"deliveries.id": "an id", "deliveries.key": "a message key", "deliveries.why": "a code", "deliveries.sentTo[]": "ids of sessions",
		"groups.id": "an id", "writers.id": "an id", "writers.group": "an id", "letters.writer": "an id", "letters.name": "a command's name",
		"snapshots.id": "random", "snapshots.group": "an id", "snapshots.parent": "random", "snapshots.schema": "a version", "snapshots.epoch": "random",
		"snapshots.told[].writer": "an id", "snapshots.held": "ids, and hashes of what they name",
		"outcomes.name": "a command's name", "outcomes.subject": "an id", "outcomes.code": "a code", "outcomes.params[].name": "a code",
		"outcomes.params[].value": "a code, a number or a moment", "epochs.id": "an id", "epochs.name": "random", "epochs.cause": "a code",
	}
}

// TestEveryFieldIsSealedOrSaidToBePlain fails where somebody adds a text or a coordinate and decides
// nothing about it.
func TestEveryFieldIsSealedOrSaidToBePlain(t *testing.T) {
	fields, used := plainFields(), map[string]bool{}
	for _, k := range kinds() {
		for _, path := range undecided(k.shape, k.name) {
			if fields[path] == "" {
				t.Errorf("%s is neither sealed (tag seal) nor said to be plain here", path)
			}
			used[path] = true
		}
	}
	for path := range fields {
		if !used[path] {
			t.Errorf("%s is said to be plain and is no such field", path)
		}
	}
}

// undecided lists the texts, bytes and fractions below a type that are not sealed.
func undecided(typ reflect.Type, path string) []string {
	switch {
	case typ == reflect.TypeFor[time.Time](), plainTypes()[typ.String()] != "":
		return nil
	case typ == reflect.TypeFor[[]byte]():
		return []string{path}
	case typ.Kind() == reflect.Slice:
		return undecided(typ.Elem(), path+"[]")
	case typ.Kind() == reflect.Pointer:
		return undecided(typ.Elem(), path+"?")
	case typ.Kind() == reflect.String, typ.Kind() == reflect.Float64:
		return []string{path}
	case typ.Kind() != reflect.Struct:
		return nil
	}
	var found []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Tag.Get("seal") == "" {
			found = append(found, undecided(f.Type, path+"."+name)...)
		}
	}
	return found
}

// oneLock gives everybody the same key, or none.
type oneLock struct{ lock record.Lock }

func (l *oneLock) Locks(_ context.Context, need map[care.PersonID]int, _ bool) (map[care.PersonID]*record.Lock, error) {
	all := map[care.PersonID]*record.Lock{}
	for p := range need {
		all[p] = &l.lock
	}
	return all, nil
}

func newLock(t *testing.T) *oneLock {
	t.Helper()
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	key, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return &oneLock{record.Lock{Newest: 1, Keys: map[int]cipher.AEAD{1: key}}}
}

func geesje() record.PersonRecord {
	return record.PersonRecord{ID: "geesje", FirstName: "Geesje", Home: record.PlaceRecord{Street: "Brink 4", Point: record.PointRecord{Lat: 52.81, Lon: 6.66}},
		Contacts: []record.ContactRecord{{Kind: care.Phone, Value: "+31612345678"}}}
}

func TestSealTakesPersonalFieldsOut(t *testing.T) {
	s := record.NewSealer(record.Persons(), newLock(t))
	left, boxes, err := s.Seal(t.Context(), "geesje", geesje())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := record.WithBoxes(left, boxes)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Geesje", "Brink", "+316", "52.8", "6.66"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s stands in %s", secret, raw)
		}
	}
	var shape record.PersonRecord
	if err := json.Unmarshal(raw, &shape); err != nil {
		t.Fatal(err)
	}
	beside, err := record.Boxes(raw)
	if err != nil {
		t.Fatal(err)
	}
	docs := []record.Opened[record.PersonRecord]{{ID: "geesje", Shape: shape, Boxes: beside}}
	if err := s.Open(t.Context(), docs); err != nil || !reflect.DeepEqual(docs[0].Shape, geesje()) {
		t.Errorf("it comes back as %+v, %v", docs[0].Shape, err)
	}
}

// TestOpenRefuses: what was changed or moved is an error, and never a value.
func TestOpenRefuses(t *testing.T) {
	s := record.NewSealer(record.Persons(), newLock(t))
	for name, change := range map[string]func(d *record.Opened[record.PersonRecord]){
		"a changed byte":   func(d *record.Opened[record.PersonRecord]) { d.Boxes[0].Sealed[20] ^= 1 },
		"another document": func(d *record.Opened[record.PersonRecord]) { d.ID = "roelie" },
		"another field": func(d *record.Opened[record.PersonRecord]) {
			d.Boxes[0].Path, d.Boxes[1].Path = d.Boxes[1].Path, d.Boxes[0].Path
		},
		"a field that is not there": func(d *record.Opened[record.PersonRecord]) { d.Boxes[0].Path = "nowhere" },
		"a field twice":             func(d *record.Opened[record.PersonRecord]) { d.Boxes = append(d.Boxes, d.Boxes[0]) },
	} {
		left, boxes, err := s.Seal(t.Context(), "geesje", geesje())
		if err != nil {
			t.Fatal(err)
		}
		docs := []record.Opened[record.PersonRecord]{{ID: "geesje", Shape: left, Boxes: boxes}}
		if change(&docs[0]); s.Open(t.Context(), docs) == nil {
			t.Errorf("%s opens", name)
		}
	}
}

func TestTheForgottenReadAsEmpty(t *testing.T) {
	lock := newLock(t)
	s := record.NewSealer(record.Persons(), lock)
	left, boxes, err := s.Seal(t.Context(), "geesje", geesje())
	if err != nil {
		t.Fatal(err)
	}
	lock.lock = record.Lock{Newest: 1, Gone: true}
	docs := []record.Opened[record.PersonRecord]{{ID: "geesje", Shape: left, Boxes: boxes}}
	if err := s.Open(t.Context(), docs); err != nil || !reflect.DeepEqual(docs[0].Shape, record.PersonRecord{ID: "geesje"}) {
		t.Errorf("read %+v, %v", docs[0].Shape, err)
	}
	left, boxes, err = s.Seal(t.Context(), "geesje", geesje())
	if err != nil || len(boxes) > 0 || !reflect.DeepEqual(left, record.PersonRecord{ID: "geesje"}) {
		t.Errorf("written %+v %v, %v", left, boxes, err)
	}
}

// noLocks is a key store that does not answer.
type noLocks struct{}

func (noLocks) Locks(context.Context, map[care.PersonID]int, bool) (map[care.PersonID]*record.Lock, error) {
	return nil, errors.New("away")
}

func TestNothingIsWrittenOpenly(t *testing.T) {
	if _, _, err := record.NewSealer(record.Persons(), noLocks{}).Seal(t.Context(), "geesje", geesje()); err == nil {
		t.Error("without a key it was stored all the same")
	}
	nobody := geesje()
	nobody.ID = ""
	if _, _, err := record.NewSealer(record.Persons(), newLock(t)).Seal(t.Context(), "geesje", nobody); err == nil {
		t.Error("without an owner it was stored all the same")
	}
}

// TestPersonalKindsHaveAnOwner fails where a kind gets its first personal field and no owner.
func TestPersonalKindsHaveAnOwner(t *testing.T) {
	var sealed []string
	for _, k := range kinds() {
		if k.sealed {
			sealed = append(sealed, k.name)
			if !k.owned {
				t.Errorf("%s has personal fields and no owner", k.name)
			}
		}
	}
	if len(sealed) < 10 || !slices.Contains(sealed, "histories") {
		t.Errorf("only %v have personal fields", sealed)
	}
}

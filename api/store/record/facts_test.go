package record_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/store/record"
	"naober/matching/care"
	"naober/notifications"
)

// keysOf writes a document's keys as sorted "name=value".
func keysOf(f record.Facts) string {
	var list []string
	for _, k := range f.Keys {
		list = append(list, k.Name+"="+k.Value)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestKeys(t *testing.T) {
	person, helper, request := record.Persons().Facts, record.Helpers().Facts, record.Requests().Facts
	report, referral := record.Reports().Facts, record.Referrals().Facts
	asked := care.Request{Community: "c", For: "p", OnBehalf: &care.OnBehalf{By: "carer"},
		Asks:   []care.Ask{{ID: "a1", Helper: "h1"}, {ID: "a2", Helper: "h2"}},
		Visits: []care.Visit{{ID: "v1", Ask: "a1", Helper: "h1"}}}
	closed := asked
	closed.Phase = care.Ended
	tests := []struct {
		name string
		got  record.Facts
		want string
	}{
		{"a person by nothing: who has a contact stands in the key store", person(care.Person{Contacts: []care.Contact{{Value: "1"}, {Value: "2"}}}), ""},
		{"a helper where they applied and where they are approved", helper(care.Helper{Approvals: []care.Approval{
			{Community: "c1", State: care.Applied}, {Community: "c2", State: care.Approved}, {Community: "c3", State: care.TurnedDown}}}),
			"applied=c1 approved=c2"},
		{"a request by everybody with a part in it", request(asked), "ask=a1 ask=a2 asker=carer community=c for=p helper=h1 helper=h2 visit=v1"},
		{"a closed request no longer by its community", request(closed), "ask=a1 ask=a2 asker=carer for=p helper=h1 helper=h2 visit=v1"},
		{"an open report in its community's queue", report(care.Report{Community: "c", Request: "r", State: care.ReportInHand}), "community=c request=r"},
		{"a closed report by its request only", report(care.Report{Community: "c", Request: "r", State: care.ReportFinished}), "request=r"},
		{"a referral by both sides", referral(care.Referral{For: "p", Request: "r", From: "gp", To: "care", State: care.ReferralUnderWay}), "for=p from=gp organization=care request=r"},
		{"a completed referral no longer by its receiver", referral(care.Referral{For: "p", From: "gp", To: "care", State: care.ReferralDone}), "for=p from=gp"},
		{"a rejected referral no longer by its receiver", referral(care.Referral{For: "p", From: "gp", To: "care", State: care.ReferralDeclined}), "for=p from=gp"},
		{"a membership by all that it binds", record.Memberships().Facts(care.Membership{Person: "p", Community: "c", Organization: "o"}), "community=c office=c organization=o person=p"},
		{"a resident by no office", record.Memberships().Facts(care.Membership{Person: "p", Community: "c", Role: care.Resident}), "community=c person=p"},
		{"an offer by its helper and community", record.Offers().Facts(care.Offer{Helper: "h", Community: "c"}), "community=c person=h"},
		{"a message by both its persons", record.Messages().Facts(care.Message{From: "a", To: "b", Visit: "v"}), "person=a person=b visit=v"},
		{"feedback by visit and request", record.Feedbacks().Facts(care.Feedback{Visit: "v", Request: "r"}), "request=r visit=v"},
		{"feedback by who gave it", record.Feedbacks().Facts(care.Feedback{By: "p"}), "person=p"},
		{"a report by who filed it, never by whom it is about", report(care.Report{By: "p", About: "q", State: care.ReportFinished}), "person=p"},
		{"a history by its helpers", record.Histories().Facts(care.History{Asks: []care.Ask{{Helper: "h1"}}, Visits: []care.Visit{{Helper: "h2"}}}), "helper=h1 helper=h2"},
		{"a delivery by its person", record.Deliveries().Facts(notifications.Delivery{Person: "p"}), "person=p"},
		{"a history by its request", record.Histories().Facts(care.History{Request: "r"}), "request=r"},
		{"a session by its person", record.Sessions().Facts(app.Session{Person: "p"}), "person=p"},
		{"a session by what its push token gives", record.Sessions().Facts(app.Session{PushToken: "t"}), "push=" + app.PushKey("t")},
		{"a view by whose data was seen", record.Views().Facts(app.View{Whose: "p", By: "desk"}), "person=p"},
		{"a parked row by its consumer", record.Parked().Facts(feed.Parked{Consumer: "steward", RetryAt: time.Unix(1, 0)}), "consumer=steward"},
		{"a parked row that was handed over by nothing", record.Parked().Facts(feed.Parked{Consumer: "steward"}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := keysOf(tt.got); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	tests := []struct {
		name         string
		got          record.Facts
		due, expires time.Time
	}{
		{"a request is due at its next action", record.Requests().Facts(care.Request{NextActionAt: now}), now, time.Time{}},
		{"a closed request is never due", record.Requests().Facts(care.Request{}), time.Time{}, time.Time{}},
		{"a helper is due when their oldest claim is overdue", record.Helpers().Facts(care.Helper{Claims: []care.Claim{
			{Since: now.Add(time.Hour)}, {Since: now}, {Since: now.Add(time.Minute)}}}), now.Add(app.ClaimGrace), time.Time{}},
		{"a helper without claims is never due", record.Helpers().Facts(care.Helper{}), time.Time{}, time.Time{}},
		{"a delivery on its way is due", record.Deliveries().Facts(notifications.Delivery{State: notifications.Waiting, DueAt: now}), now, time.Time{}},
		{"a delivery that came to an end goes after 30 days", record.Deliveries().Facts(notifications.Delivery{State: notifications.Sent, DueAt: now, DoneAt: now}), time.Time{}, now.Add(30 * day)},
		{"a parked row is due for its next try", record.Parked().Facts(feed.Parked{RetryAt: now}), now, time.Time{}},
		{"a parked row that was handed over goes after 30 days", record.Parked().Facts(feed.Parked{At: now}), time.Time{}, now.Add(30 * day)},
		{"a flow goes an hour after its code", record.Flows().Facts(app.Flow{ExpiresAt: now}), time.Time{}, now.Add(time.Hour)},
		{"a session goes 400 days after its last use", record.Sessions().Facts(app.Session{CreatedAt: now.Add(-day), UsedAt: now}), time.Time{}, now.Add(400 * day)},
		{"a session never used goes 400 days after it began", record.Sessions().Facts(app.Session{CreatedAt: now}), time.Time{}, now.Add(400 * day)},
		{"a tally goes with its window", record.Tallies().Facts(app.Tally{Until: now}), time.Time{}, now},
		{"a judged ledger row goes 180 days after the verdict", record.Ledger().Facts(app.LedgerRow{Since: now.Add(-day), At: now}), time.Time{}, now.Add(180 * day)},
		{"a ledger row at work goes 180 days after it began", record.Ledger().Facts(app.LedgerRow{Since: now}), time.Time{}, now.Add(180 * day)},
		{"a view goes after five years", record.Views().Facts(app.View{At: now}), time.Time{}, now.AddDate(5, 0, 0)},
		{"a person stays", record.Persons().Facts(care.Person{CreatedAt: now}), time.Time{}, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.got.Due.Equal(tt.due) || !tt.got.Expires.Equal(tt.expires) {
				t.Errorf("due %s, expires %s", tt.got.Due, tt.got.Expires)
			}
		})
	}
}

func TestCommunityIsFoundByItsCentre(t *testing.T) {
	p := care.Point{Lat: 52.8, Lon: 6.5}
	if got := record.Communities().Facts(care.Community{Point: p}).Point; !reflect.DeepEqual(got, &p) {
		t.Errorf("got %v", got)
	}
}

// TestDailySeriesStaysSmall holds the size of what a daily series has in its document at any time:
// six weeks ahead and two behind, three questions a day, and three years of skipped holidays.
func TestDailySeriesStaysSmall(t *testing.T) {
	const most = 128 << 10
	now := time.Date(2026, 3, 29, 10, 15, 30, 123e6, time.UTC)
	id := func(s string, i int) string { return fmt.Sprintf("%s%022d", s, i) }
	r := care.Request{ID: care.RequestID(id("REQ_", 0)), Words: strings.Repeat("w", 2000), Series: &care.Series{Rule: "FREQ=DAILY"}}
	for i := range 3 * 50 {
		r.Series.Skipped = append(r.Series.Skipped, now.AddDate(0, 0, i).Format(time.DateOnly))
	}
	for i := range 8 * 7 {
		day := now.AddDate(0, 0, i)
		slot := care.SlotID(id("SLOT", i))
		r.Slots = append(r.Slots, care.Slot{ID: slot, Date: "2026-03-29", Start: day, End: day.Add(time.Hour), Duration: time.Hour, Seats: 1})
		for j := range 3 {
			r.Asks = append(r.Asks, care.Ask{ID: care.AskID(id("ASK_", i*3+j)), Slot: slot, Helper: care.PersonID(id("PERS", j)),
				Offer: care.OfferID(id("OFFR", j)), Wave: 1, State: care.StoodDown, Reason: "seat_taken", AskedAt: day, AskFrom: day,
				LapsesAt: day, AnsweredAt: day, Nonce: care.Nonce(id("", j))})
		}
		r.Visits = append(r.Visits, care.Visit{ID: care.VisitID(id("VIS_", i)), Ask: care.AskID(id("ASK_", i*3)), Slot: slot,
			Helper: care.PersonID(id("PERS", 0)), State: care.VisitFinished, At: care.Interval{From: day, Until: day}, Nonce: care.Nonce(id("", i)),
			AgreedAt: day, PlannedAt: day, StartedAt: day, DoneAt: day, AskedStart: day, AskedHow: day, SaidResident: day, SaidHelper: day})
	}
	asJSON, err := json.Marshal(record.Requests().To(r))
	if err != nil {
		t.Fatal(err)
	}
	asBSON, err := bson.Marshal(record.Requests().To(r))
	if err != nil {
		t.Fatal(err)
	}
	if len(asJSON) >= most || len(asBSON) >= most {
		t.Errorf("%d bytes as JSON, %d as BSON, the most is %d", len(asJSON), len(asBSON), most)
	}
	t.Logf("%d bytes as JSON, %d as BSON", len(asJSON), len(asBSON))
}

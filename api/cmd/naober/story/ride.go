package story

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"naober/api/cmd/naober/demo"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// ride is the first scene: from the desk in Grolloo to the hospital in Assen and back.
type ride struct {
	*Player
	request wire.Request
	visit   wire.Visit
}

func (p *Player) rideScene() []step {
	s := &ride{Player: p}
	return []step{
		{"the desk registers a woman of 81 without a phone, with a code on paper", s.registered},
		{"the desk asks for her: Thursday to the hospital in Assen, back at noon", s.drafted},
		{"three drivers fit; each of the others is ruled out by a named rule", s.ranked},
		{"two are asked, each by a real FCM call that says ids and keys alone", s.published},
		{"one declines, the third is asked", s.declined},
		{"the second says yes; only now he sees her address, and she sees that he did", s.agreed},
		{"the one still open is stood down and thanked", s.stoodDown},
		{"the visit is started and done, both say how it was, the request is fulfilled", s.done},
	}
}

func (s *ride) registered(ctx context.Context) (string, error) {
	now, err := s.control.Now(ctx)
	if err != nil {
		return "", err
	}
	desk := s.device("desk_worker")
	she := wire.NewDeskPerson{ProfileEdit: wire.ProfileEdit{FirstName: "Hendrikje", LastName: "Lanjouw", BirthDate: now.AddDate(-81, -2, 0).Format(time.DateOnly),
		Gender: string(care.Woman), Language: "nl", Home: wire.NewPlace{Town: s.village.Town, Street: "Schapendrift 7", PostCode: "9444 XA", Lat: s.village.Lat, Lon: s.village.Lon}}}
	if s.resident, err = post[wire.Profile](ctx, desk, "/v1/communities/"+s.village.ID+"/persons", she); err != nil {
		return "", err
	}
	paper, err := post[wire.PaperCode](ctx, desk, "/v1/persons/"+s.resident.ID+"/paper-codes", nil)
	if err != nil {
		return "", err
	}
	device := NewClient(s.line)
	in, err := post[wire.SignedIn](ctx, device, "/v1/sign-in/paper", wire.PaperRedemption{Code: paper.Code, Device: "tablet van het loket"})
	if err != nil {
		return "", err
	}
	if in.Tokens == nil {
		return "", mismatch("the code on paper", "a session", "none")
	}
	device.hold(*in.Tokens)
	s.devices[tablet] = device
	views, err := s.views(ctx, "paper_code", s.person("desk_worker"), "")
	return fmt.Sprintf("%d contacts, %d lines in her log", len(s.resident.Contacts), views),
		all(err, same("who the code lets in", s.resident.ID, in.Tokens.Person), holds("she", "without the app", s.resident.WithoutApp),
			holds("her log", "the code on paper", views > 0))
}

// views counts the lines of the resident's log about one kind of reading by one person.
func (p *Player) views(ctx context.Context, what, by, request string) (int, error) {
	n, after := 0, ""
	for {
		page, err := get[wire.Page[wire.View]](ctx, p.device(tablet), onward("/v1/me/views?limit=200", after))
		if err != nil {
			return 0, err
		}
		for _, v := range page.Items {
			if v.What == what && v.By == by && v.Request == request {
				n++
			}
		}
		if after = page.After; after == "" {
			return n, nil
		}
	}
}

// toHospital is a ride of the resident to Assen, asked for at the desk.
func (p *Player) toHospital(slot wire.NewSlot, returnAt time.Time) wire.NewRequest {
	h := demo.Hospital()
	return wire.NewRequest{Community: p.village.ID, For: p.resident.ID, Channel: string(care.ByDesk), Consent: string(care.Spoken),
		RequestEdit: wire.RequestEdit{Kind: string(care.RideKind), Words: "Mevrouw moet naar het ziekenhuis. Zij loopt met een rollator.",
			Circumstances: wire.Circumstances{AloneIndoors: true}, Urgency: string(care.Ordinary), Slots: []wire.NewSlot{slot},
			Ride: &wire.NewRide{To: wire.NewPlace{Town: h.Town, Lat: h.Point.Lat, Lon: h.Point.Lon}, ReturnAt: wire.Instant(returnAt), Passengers: 1, Walker: true}}}
}

func (s *ride) drafted(ctx context.Context) (string, error) {
	now, err := s.control.Now(ctx)
	if err != nil {
		return "", err
	}
	start := s.next(now, time.Thursday, 10)
	body := s.toHospital(wire.NewSlot{Start: wire.Instant(start), End: wire.Instant(start.Add(3 * time.Hour))}, start.Add(2*time.Hour))
	if s.request, err = post[wire.Request](ctx, s.device("desk_worker"), "/v1/requests", body); err != nil {
		return "", err
	}
	r := s.request
	if r.For == nil || r.By == nil || r.Consent == nil || len(r.Slots) != 1 || r.Ride == nil {
		return "", mismatch("the request on her behalf", "for, by, consent, a slot and a ride", fmt.Sprintf("%+v", r))
	}
	return fmt.Sprintf("state %s, owner %s, next: %s", r.State, r.Owner.Chair, r.NextAction),
		all(s.owned(ctx, r), same("state", string(care.Draft), r.State), same("whom it is for", s.resident.ID, r.For.ID),
			same("who asked", s.person("desk_worker"), r.By.ID), same("consent", string(care.Spoken), r.Consent.Basis), holds("the walking frame", "goes along", r.Ride.Walker))
}

// shownRule is what a viewer reads of a rule, by the hand-written table of the design: the private
// rules read "not available now", but a moderator reads of pauses and papers.
func shownRule(viewer, rule string) string {
	switch rule {
	case "not_approved", "limit_reached", "no_moment_to_ask", "blocked":
		return "not_available_now"
	case "paused", "vetting_missing":
		if viewer != "moderator" {
			return "not_available_now"
		}
	}
	return rule
}

func (s *ride) ranked(ctx context.Context) (string, error) {
	path := "/v1/requests/" + s.request.ID + "/slots/" + s.request.Slots[0].ID + "/candidates"
	var figures string
	for _, eyes := range [][2]string{{"desk", "desk_worker"}, {"moderator", "moderator"}} {
		viewer, part := eyes[0], eyes[1]
		seen, err := get[wire.Candidates](ctx, s.device(part), path)
		if err != nil {
			return "", err
		}
		if err := all(same("with whose eyes the "+part+" looks", viewer, seen.Viewer), s.fits(seen), s.ruledOut(viewer, seen)); err != nil {
			return "", err
		}
		if viewer == "moderator" {
			figures = "out: " + counts(seen)
		}
	}
	hers, err := get[wire.Candidates](ctx, s.device(tablet), path)
	return figures, all(err, holds("what the resident reads of candidates", "counts without names", len(hers.Fitting) == 0 && len(hers.RuledOut) == 0))
}

// fits expects the three of the cast, nearest first.
func (s *ride) fits(seen wire.Candidates) error {
	var found []string
	for _, c := range seen.Fitting {
		found = append(found, c.Person.ID)
	}
	want := []string{s.person("driver_near"), s.person("driver_second"), s.person("driver_third")}
	if slices.Equal(want, found) {
		return nil
	}
	return mismatch("who fits, nearest first", want, found)
}

// ruledOut expects each other driver of the cast to be out, by the rule that this viewer may read.
func (s *ride) ruledOut(viewer string, seen wire.Candidates) error {
	rules := map[string]string{}
	for _, x := range seen.RuledOut {
		rules[x.Person.ID] = x.Rule
	}
	for name, part := range s.cast {
		if part.RuledOut == "" {
			continue
		}
		if err := same("the rule that the "+viewer+" reads for "+name, shownRule(viewer, string(part.RuledOut)), rules[string(part.Person)]); err != nil {
			return err
		}
	}
	return nil
}

func counts(seen wire.Candidates) string {
	var words []string
	for _, c := range seen.Counts {
		words = append(words, fmt.Sprintf("%d %s", c.People, c.Rule))
	}
	return strings.Join(words, ", ")
}

func (s *ride) published(ctx context.Context) (string, error) {
	if _, err := post[wire.Request](ctx, s.device("desk_worker"), "/v1/requests/"+s.request.ID+"/publish", wire.Publishing{}); err != nil {
		return "", err
	}
	if err := s.control.Settle(ctx); err != nil {
		return "", err
	}
	if err := s.asked(ctx, s.request.ID, "driver_near", "driver_second"); err != nil {
		return "", err
	}
	_, logins := s.phones.Delivered()
	return fmt.Sprintf("2 pushes, %d OAuth logins", logins),
		all(holds("the service's login at the push service", "at least one", logins > 0),
			same("questions on the third's phone", 0, s.phones.Count("driver_third", "ask.new", s.request.ID)))
}

func (s *ride) declined(ctx context.Context) (string, error) {
	no, err := s.answer(ctx, "driver_near", s.request.ID, "decline", wire.Reason{Reason: "no_time"})
	if err != nil {
		return "", err
	}
	if err := all(same("the first's ask", string(care.Declined), no.Ask.State), s.control.Settle(ctx)); err != nil {
		return "", err
	}
	return "1 push", s.asked(ctx, s.request.ID, "driver_near", "driver_second", "driver_third")
}

package demo

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// Hear takes a push that reached a phone.
func (n *Neighbours) Hear(token, key string, params map[string]string) {
	switch key {
	case "ask.new", "visit.planned_helper", "visit.moved":
		n.look(token, care.RequestID(params["request"]), key+params["ask"]+params["visit"]+n.now().String())
	case "visit.how_was_it":
		if who, ours := n.people[token]; ours && params["visit"] != "" {
			n.intend("feedback/"+params["visit"]+string(who.ID), who, n.after("feedback"+params["visit"]+token, time.Minute, 20*time.Minute),
				func(ctx context.Context) error { return n.sayHowItWas(ctx, who, params["visit"]) })
		}
	}
}

func (n *Neighbours) look(token string, request care.RequestID, why string) {
	who, ours := n.people[token]
	if !ours || request == "" {
		return
	}
	n.intend("look/"+why+string(who.ID), who, n.now(), func(ctx context.Context) error { return n.read(ctx, who, request) })
}

// read opens a request on somebody's phone and plans what it calls for.
func (n *Neighbours) read(ctx context.Context, who care.Person, id care.RequestID) error {
	var r wire.Request
	if err := n.phones.call(ctx, who.ID, http.MethodGet, "/v1/requests/"+string(id), "", nil, &r); err != nil {
		return err
	}
	for _, a := range r.Asks {
		if a.Helper.ID == string(who.ID) && a.State == string(care.Asked) {
			n.intend("answer/"+a.ID, who, n.after("answer"+a.ID, 5*time.Second, time.Minute),
				func(ctx context.Context) error { return n.answer(ctx, who, r, a) })
		}
	}
	for _, v := range r.Visits {
		if v.Helper.ID != string(who.ID) {
			continue
		}
		from, until := time.Time(v.From), time.Time(v.Until)
		shake := dice(n.world.Seed, "visit", v.ID)
		if v.State == string(care.VisitSet) {
			n.intend("start/"+v.ID+from.String(), who, from.Add(time.Duration(shake.IntN(12)-4)*time.Minute),
				func(ctx context.Context) error { return n.onVisit(ctx, who, v.ID, "start") })
		}
		if v.State == string(care.VisitSet) || v.State == string(care.VisitBegun) {
			n.intend("finish/"+v.ID+until.String(), who, until.Add(time.Duration(shake.IntN(15)-5)*time.Minute),
				func(ctx context.Context) error { return n.onVisit(ctx, who, v.ID, "finish") })
		}
	}
	return nil
}

// answer says yes, no, or later and then yes, as this person is; a few never answer.
func (n *Neighbours) answer(ctx context.Context, who care.Person, r wire.Request, a wire.Ask) error {
	eager := 35 + dice(n.world.Seed, "temper", string(who.ID)).IntN(56) // so many times in a hundred
	mood := dice(n.world.Seed, "mood", a.ID)
	draw := mood.IntN(100)
	path := "/v1/asks/" + a.ID
	key := n.key("answer", a.ID)
	later := n.now().Add(time.Duration(20+mood.IntN(60)) * time.Minute)
	switch {
	case draw >= 97:
		return nil
	case draw >= 90 && later.Before(time.Time(a.LapsesAt)):
		n.intend("again/"+a.ID, who, later, func(ctx context.Context) error {
			return n.tell(who, r, "yes after all", n.phones.call(ctx, who.ID, http.MethodPost, path+"/accept", n.key("again", a.ID), wire.Yes{}, nil))
		})
		return n.tell(who, r, "later", n.phones.call(ctx, who.ID, http.MethodPost, path+"/later", key, wire.Later{Until: wire.Instant(later)}, nil))
	case draw < eager:
		return n.tell(who, r, "yes", n.phones.call(ctx, who.ID, http.MethodPost, path+"/accept", key, wire.Yes{}, nil))
	}
	return n.tell(who, r, "no", n.phones.call(ctx, who.ID, http.MethodPost, path+"/decline", key, wire.Reason{}, nil))
}

func (n *Neighbours) onVisit(ctx context.Context, who care.Person, visit, what string) error {
	return n.phones.call(ctx, who.ID, http.MethodPost, "/v1/visits/"+visit+"/"+what, n.key(what, visit), nil, nil)
}

func (n *Neighbours) sayHowItWas(ctx context.Context, who care.Person, visit string) error {
	good := chance(dice(n.world.Seed, "feedback", visit, string(who.ID)), 95)
	return n.phones.call(ctx, who.ID, http.MethodPost, "/v1/visits/"+visit+"/feedback", n.key("feedback", visit+string(who.ID)),
		wire.NewFeedback{Good: good, Again: good}, nil)
}

// tell prints what somebody did, and passes on what came of it.
func (n *Neighbours) tell(who care.Person, r wire.Request, said string, err error) error {
	if err == nil {
		where, zoneErr := care.LoadZone(zone)
		if zoneErr != nil {
			where = time.UTC
		}
		_, err = fmt.Fprintf(n.out, "%s  %s (%s): %s %s\n", n.now().In(where).Format("Mon 15:04"), who.FirstName, who.Home.Town, said, r.Kind)
	}
	return err
}

package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// RequestRecord is a stored care.Request with everything that lives inside it.
type RequestRecord struct {
	ID            care.RequestID      `json:"id" bson:"id"`
	Community     care.CommunityID    `json:"community,omitempty" bson:"community,omitempty"`
	Zone          string              `json:"zone,omitempty" bson:"zone,omitempty"`
	For           care.PersonID       `json:"for,omitempty" bson:"for,omitempty"`
	OnBehalf      *OnBehalfRecord     `json:"onBehalf,omitempty" bson:"onBehalf,omitempty"`
	Kind          care.Kind           `json:"kind,omitempty" bson:"kind,omitempty"`
	Words         string              `json:"words,omitempty" bson:"words,omitempty" seal:"yes"`
	Needs         NeedsRecord         `json:"needs,omitzero" bson:"needs,omitempty" seal:"yes"`
	Circumstances CircumstancesRecord `json:"circumstances,omitzero" bson:"circumstances,omitempty" seal:"yes"`
	Where         PlaceRecord         `json:"where,omitzero" bson:"where,omitempty" seal:"yes"`
	Ride          *RideRecord         `json:"ride,omitempty" bson:"ride,omitempty"`
	Series        *SeriesRecord       `json:"series,omitempty" bson:"series,omitempty"`
	Urgency       care.Urgency        `json:"urgency,omitempty" bson:"urgency,omitempty"`
	PersonalYes   bool                `json:"personalYes,omitempty" bson:"personalYes,omitempty"`
	Phase         care.Phase          `json:"phase,omitempty" bson:"phase,omitempty"`
	Outcome       care.Outcome        `json:"outcome,omitempty" bson:"outcome,omitempty"`
	Reason        string              `json:"reason,omitempty" bson:"reason,omitempty" seal:"yes"`
	ToldBy        care.Channel        `json:"toldBy,omitempty" bson:"toldBy,omitempty"`
	Emergency     EmergencyRecord     `json:"emergency,omitzero" bson:"emergency,omitempty"`
	Stage         care.Stage          `json:"stage,omitempty" bson:"stage,omitempty"`
	Owner         ChairRecord         `json:"owner,omitzero" bson:"owner,omitempty"`
	PromiseAt     time.Time           `json:"promiseAt,omitzero" bson:"promiseAt,omitempty"`
	WaveAt        time.Time           `json:"waveAt,omitzero" bson:"waveAt,omitempty"`
	OwnerDue      time.Time           `json:"ownerDue,omitzero" bson:"ownerDue,omitempty"`
	Todo          care.Todo           `json:"todo,omitempty" bson:"todo,omitempty"`
	Handover      *HandoverRecord     `json:"handover,omitempty" bson:"handover,omitempty"`
	Slots         []SlotRecord        `json:"slots,omitempty" bson:"slots,omitempty"`
	Asks          []AskRecord         `json:"asks,omitempty" bson:"asks,omitempty"`
	Visits        []VisitRecord       `json:"visits,omitempty" bson:"visits,omitempty"`
	Voids         []VoidRecord        `json:"voids,omitempty" bson:"voids,omitempty"`
	SeriesUntil   time.Time           `json:"seriesUntil,omitzero" bson:"seriesUntil,omitempty"`
	Rest          *RestRecord         `json:"rest,omitempty" bson:"rest,omitempty"`
	NextAction    care.Action         `json:"nextAction,omitempty" bson:"nextAction,omitempty"`
	NextActionAt  time.Time           `json:"nextActionAt,omitzero" bson:"nextActionAt,omitempty"`
	CreatedAt     time.Time           `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	PublishedAt   time.Time           `json:"publishedAt,omitzero" bson:"publishedAt,omitempty"`
	ClosedAt      time.Time           `json:"closedAt,omitzero" bson:"closedAt,omitempty"`
	WasFor        []care.PersonID     `json:"wasFor,omitempty" bson:"wasFor,omitempty"`
	WasBy         []care.PersonID     `json:"wasBy,omitempty" bson:"wasBy,omitempty"`
}

// Requests translates requests. Everybody with a part in one finds it; its community's queue holds
// it until it is closed.
func Requests() Codec[care.Request, RequestRecord] {
	return Codec[care.Request, RequestRecord]{
		Kind: "requests", Noun: "request", Events: true, To: toRequest, From: fromRequest, Facts: requestFacts,
		Owner: func(r RequestRecord) care.PersonID { return r.For },
	}
}

func requestFacts(r care.Request) Facts {
	var k keys
	k.add(app.ByFor, string(r.For))
	if r.OnBehalf != nil {
		k.add(app.ByAsker, string(r.OnBehalf.By))
	}
	if r.Phase != care.Ended {
		k.add(app.ByCommunity, string(r.Community))
	}
	var helpers, asks, visits []string
	for _, a := range r.Asks {
		helpers, asks = append(helpers, string(a.Helper)), append(asks, string(a.ID))
	}
	for _, v := range r.Visits {
		helpers, visits = append(helpers, string(v.Helper)), append(visits, string(v.ID))
	}
	k.bulk(app.ByHelper, helpers)
	k.bulk(app.ByAsk, asks)
	k.bulk(app.ByVisit, visits)
	return Facts{Keys: k, Due: at(r.NextActionAt)}
}

func toRequest(r care.Request) RequestRecord {
	return RequestRecord{ID: r.ID, Community: r.Community, Zone: r.Zone, For: r.For, OnBehalf: ref(r.OnBehalf, toOnBehalf), Kind: r.Kind,
		Words: r.Words, Needs: NeedsRecord(r.Needs), Circumstances: CircumstancesRecord(r.Circumstances),
		Where: toPlace(r.Where), Ride: ref(r.Ride, toRide), Series: ref(r.Series, toSeries), Urgency: r.Urgency,
		PersonalYes: r.PersonalYes, Phase: r.Phase, Outcome: r.Outcome, Reason: r.Reason, ToldBy: r.ToldBy,
		Emergency: toEmergency(r.Emergency), Stage: r.Stage, Owner: ChairRecord(r.Owner), PromiseAt: at(r.PromiseAt),
		WaveAt: at(r.WaveAt), OwnerDue: at(r.OwnerDue), Todo: r.Todo, Handover: ref(r.Handover, toHandover),
		Slots: each(r.Slots, toSlot), Asks: each(r.Asks, toAsk), Visits: each(r.Visits, toVisit), Voids: each(r.Voids, toVoid),
		SeriesUntil: at(r.SeriesUntil), Rest: ref(r.Rest, toRest), NextAction: r.NextAction, NextActionAt: at(r.NextActionAt),
		CreatedAt: at(r.CreatedAt), PublishedAt: at(r.PublishedAt), ClosedAt: at(r.ClosedAt), WasFor: r.WasFor, WasBy: r.WasBy}
}

func fromRequest(r RequestRecord) care.Request {
	return care.Request{ID: r.ID, Community: r.Community, Zone: r.Zone, For: r.For, OnBehalf: ref(r.OnBehalf, fromOnBehalf), Kind: r.Kind,
		Words: r.Words, Needs: care.Needs(r.Needs), Circumstances: care.Circumstances(r.Circumstances),
		Where: fromPlace(r.Where), Ride: ref(r.Ride, fromRide), Series: ref(r.Series, fromSeries), Urgency: r.Urgency,
		PersonalYes: r.PersonalYes, Phase: r.Phase, Outcome: r.Outcome, Reason: r.Reason, ToldBy: r.ToldBy,
		Emergency: fromEmergency(r.Emergency), Stage: r.Stage, Owner: care.Chair(r.Owner), PromiseAt: at(r.PromiseAt),
		WaveAt: at(r.WaveAt), OwnerDue: at(r.OwnerDue), Todo: r.Todo, Handover: ref(r.Handover, fromHandover),
		Slots: each(r.Slots, fromSlot), Asks: each(r.Asks, fromAsk), Visits: each(r.Visits, fromVisit), Voids: each(r.Voids, fromVoid),
		SeriesUntil: at(r.SeriesUntil), Rest: ref(r.Rest, fromRest), NextAction: r.NextAction, NextActionAt: at(r.NextActionAt),
		CreatedAt: at(r.CreatedAt), PublishedAt: at(r.PublishedAt), ClosedAt: at(r.ClosedAt), WasFor: r.WasFor, WasBy: r.WasBy}
}

package rest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"naober/api/app"
	"naober/matching/care"
)

// mutation is a change that a device may hand in later: the route that does the same at once.
type mutation struct {
	name   string // for ever: changed arguments are another name
	method string
	path   string
	makes  bool // the device names what it makes: args.id
}

// mutations are all of them. Their arguments are the ids in the path and the fields of the body together. Every
// change behind a token is one, but for those in onlineOnly.
func mutations() []mutation {
	const post, put, del = fiber.MethodPost, fiber.MethodPut, fiber.MethodDelete
	return []mutation{
		{name: "me.edit", method: put, path: "/v1/me"},
		{name: "membership.leave", method: del, path: "/v1/me/memberships/:membership"},

		{name: "community.weigh", method: put, path: "/v1/communities/:community/weights"},
		{name: "community.join", method: post, path: "/v1/communities/:community/members"},
		{name: "person.register", method: post, path: "/v1/communities/:community/persons", makes: true},
		{name: "person.merge", method: post, path: "/v1/communities/:community/persons/merge"},
		{name: "person.unmerge", method: post, path: "/v1/persons/:person/unmerge"},
		{name: "plan.ask", method: post, path: "/v1/communities/:community/plan/asks"},
		{name: "task.done", method: post, path: "/v1/tasks/:task/done"},
		{name: "role.grant", method: post, path: "/v1/communities/:community/roles"},
		{name: "helper.approve", method: post, path: "/v1/communities/:community/helpers/:person/approve"},
		{name: "helper.refuse", method: post, path: "/v1/communities/:community/helpers/:person/refuse"},
		{name: "helper.pause", method: post, path: "/v1/communities/:community/helpers/:person/pause"},
		{name: "helper.resume", method: post, path: "/v1/communities/:community/helpers/:person/resume"},
		{name: "helper.vet", method: post, path: "/v1/communities/:community/helpers/:person/vettings"},
		{name: "life.leave", method: post, path: "/v1/persons/:person/life/leave"},
		{name: "life.return", method: post, path: "/v1/persons/:person/life/return"},
		{name: "life.move", method: post, path: "/v1/persons/:person/life/move"},
		{name: "life.report_death", method: post, path: "/v1/persons/:person/life/death"},
		{name: "life.confirm_death", method: post, path: "/v1/persons/:person/life/death/confirm"},
		{name: "life.take_back_death", method: post, path: "/v1/persons/:person/life/death/take-back"},
		{name: "membership.end", method: del, path: "/v1/memberships/:membership"},
		{name: "membership.set_leave", method: put, path: "/v1/memberships/:membership/leave"},

		{name: "helper.set_quiet", method: put, path: "/v1/me/helper/quiet"},
		{name: "helper.apply", method: post, path: "/v1/me/helper/applications"},
		{name: "person.block", method: post, path: "/v1/me/blocks"},
		{name: "offer.make", method: post, path: "/v1/offers", makes: true},
		{name: "offer.edit", method: put, path: "/v1/offers/:offer"},
		{name: "offer.end", method: post, path: "/v1/offers/:offer/end"},

		{name: "request.ask", method: post, path: "/v1/requests", makes: true},
		{name: "request.edit", method: put, path: "/v1/requests/:request"},
		{name: "request.publish", method: post, path: "/v1/requests/:request/publish"},
		{name: "request.withdraw", method: post, path: "/v1/requests/:request/withdraw"},
		{name: "request.withdraw_consent", method: post, path: "/v1/requests/:request/withdraw-consent"},
		{name: "request.close", method: post, path: "/v1/requests/:request/close"},
		{name: "request.refuse", method: post, path: "/v1/requests/:request/refuse"},
		{name: "request.settle", method: post, path: "/v1/requests/:request/settle"},
		{name: "slot.add", method: post, path: "/v1/requests/:request/slots"},
		{name: "slot.skip", method: post, path: "/v1/requests/:request/slots/:slot/skip"},
		{name: "slot.swap", method: post, path: "/v1/requests/:request/slots/:slot/swap"},
		{name: "journey.join", method: post, path: "/v1/requests/:request/slots/:slot/journeys"},

		{name: "ask.accept", method: post, path: "/v1/asks/:ask/accept"},
		{name: "ask.decline", method: post, path: "/v1/asks/:ask/decline"},
		{name: "ask.later", method: post, path: "/v1/asks/:ask/later"},
		{name: "visit.confirm", method: post, path: "/v1/visits/:visit/confirm"},
		{name: "visit.move", method: post, path: "/v1/visits/:visit/move"},
		{name: "visit.start", method: post, path: "/v1/visits/:visit/start"},
		{name: "visit.finish", method: post, path: "/v1/visits/:visit/finish"},
		{name: "visit.no_show", method: post, path: "/v1/visits/:visit/no-show"},
		{name: "visit.cancel", method: post, path: "/v1/visits/:visit/cancel"},
		{name: "message.send", method: post, path: "/v1/visits/:visit/messages", makes: true},
		{name: "feedback.give", method: post, path: "/v1/visits/:visit/feedback"},
		{name: "report.file", method: post, path: "/v1/visits/:visit/reports", makes: true},
		{name: "report.take", method: post, path: "/v1/reports/:report/take"},
		{name: "report.close", method: post, path: "/v1/reports/:report/close"},

		{name: "referral.make", method: post, path: "/v1/requests/:request/referrals", makes: true},
		{name: "referral.accept", method: post, path: "/v1/referrals/:referral/accept"},
		{name: "referral.reject", method: post, path: "/v1/referrals/:referral/reject"},
		{name: "referral.start", method: post, path: "/v1/referrals/:referral/start"},
		{name: "referral.complete", method: post, path: "/v1/referrals/:referral/complete"},
	}
}

// onlineOnly are the changes that nobody can make without a connection, and why.
func onlineOnly() map[string]string {
	return map[string]string{
		"POST /v1/me/contacts":                 "a contact is proved by a code that was just sent there",
		"POST /v1/me/contacts/remove":          "whom a code can reach must be known for certain",
		"POST /v1/me/forget":                   "it cannot be taken back, and wipes the device",
		"POST /v1/persons/:person/forget":      "it cannot be taken back",
		"POST /v1/persons/:person/paper-codes": "the code is in the answer alone",
		"DELETE /v1/me/devices/:device":        "a lost device must be shut out at once",
		"PUT /v1/me/push-token":                "it belongs to the session that brings it",
		"DELETE /v1/me/push-token":             "it belongs to the session that brings it",
	}
}

// actTime is how long one intent of a push may take.
const actTime = 5 * time.Second

// inner answers what devices hand in: the routes of mutations and their handlers, without what stands before
// them in a call of their own.
type inner struct {
	app    *fiber.App
	byName map[string]mutation
}

// What a call inside carries.
type (
	innerCaller struct{}
	innerCtx    struct{}
	innerError  struct{}
)

func (s *Server) newInner() *inner {
	config := s.config()
	config.ErrorHandler = func(c *fiber.Ctx, err error) error {
		c.Context().SetUserValue(innerError{}, err)
		return nil
	}
	in := &inner{app: fiber.New(config), byName: map[string]mutation{}}
	in.app.Use(s.recover, func(c *fiber.Ctx) error {
		c.Locals(localCaller, c.Context().UserValue(innerCaller{}))
		ctx, _ := c.Context().UserValue(innerCtx{}).(context.Context)
		c.SetUserContext(ctx)
		return c.Next()
	})
	handlers := map[string]fiber.Handler{}
	for _, r := range s.routes() {
		handlers[r.method+" "+r.path] = r.handle
	}
	for _, m := range mutations() {
		in.byName[m.name] = m
		in.app.Add(m.method, m.path, handlers[m.method+" "+m.path])
	}
	return in
}

// Act implements offline.Actor: it runs the handler of the mutation's route for the caller.
func (s *Server) Act(ctx context.Context, who app.Caller, name string, args json.RawMessage) error {
	m, known := s.inner.byName[name]
	if !known {
		return care.E(care.Invalid, "mutation_unknown", "there is no mutation of this name")
	}
	path, body, subject, err := m.split(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	// Each intent is judged by what its person may do now, and not by what the call has read for another one.
	ctx = app.WithPrelude(ctx, name, string(who.Person))
	ctx, _ = app.WithLater(ctx) // the answer goes to nobody
	who.Subject = subject
	var req fasthttp.Request
	req.Header.SetMethod(m.method)
	req.SetRequestURI(path)
	req.Header.SetContentType(fiber.MIMEApplicationJSON)
	req.SetBody(body)
	var call fasthttp.RequestCtx
	call.Init(&req, nil, nil)
	call.SetUserValue(innerCaller{}, who)
	call.SetUserValue(innerCtx{}, ctx)
	s.inner.app.Handler()(&call)
	if err, failed := call.UserValue(innerError{}).(error); failed {
		return framed(err)
	}
	return nil
}

// framed makes a verdict of what Fiber says about the form of a call.
func framed(err error) error {
	var said *fiber.Error
	if errors.As(err, &said) && said.Code < fiber.StatusInternalServerError {
		return care.E(care.Invalid, frameCode(said.Code), "%s", frameText(said.Code))
	}
	return err
}

// split takes the ids of the path and of what is made out of the arguments; the rest is the body.
func (m mutation) split(args json.RawMessage) (path string, body []byte, subject string, err error) {
	if _, err := checkBody(args, nil); err != nil {
		return "", nil, "", framed(err)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(args, &fields); err != nil || fields == nil {
		return "", nil, "", care.E(care.Invalid, "body_invalid", "args is one JSON object")
	}
	parts := strings.Split(m.path, "/")
	for i, part := range parts {
		name, isID := strings.CutPrefix(part, ":")
		if !isID {
			continue
		}
		if parts[i], err = idArg(fields, name); err != nil {
			return "", nil, "", err
		}
	}
	if m.makes {
		if subject, err = idArg(fields, "id"); err != nil {
			return "", nil, "", err
		}
	}
	body, err = json.Marshal(fields)
	return strings.Join(parts, "/"), body, subject, err
}

// idArg takes an id out of the arguments.
func idArg(fields map[string]json.RawMessage, name string) (string, error) {
	var text string
	if raw, given := fields[name]; given && json.Unmarshal(raw, &text) != nil {
		text = ""
	}
	delete(fields, name)
	return bodyID[string](name, text)
}

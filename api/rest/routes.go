package rest

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
)

// access says who may call a route at all; what they may do there is app's to say.
type access int

const (
	public   access = iota // no token
	signedIn               // any account
	asking                 // any account; a POST that changes nothing
)

// class says under which limits the calls of a route are counted.
func (r route) class() app.CallClass {
	switch {
	case r.path == exportPath:
		return app.Exporting
	case r.method == fiber.MethodGet:
		return app.Reading
	case r.path == pullPath:
		return app.Reading
	case strings.HasPrefix(r.path, "/sync/v1/"):
		return app.Writing
	case r.who == asking:
		return app.Searching
	case r.who == signedIn:
		return app.Writing
	case r.path == codesPath:
		return app.Mailing
	}
	return app.Guessing
}

const (
	livePath   = "/health/live"
	codesPath  = "/v1/sign-in/codes"
	exportPath = "/v1/me/export"
	pullPath   = "/sync/v1/pull"
	bundlePath = "/sync/v1/bundle"
)

// route is one line of the surface.
type route struct {
	method string
	path   string
	who    access
	handle fiber.Handler
}

// chain puts the limits and the proof of identity before the handlers that need them, and asks a
// change for its key. Whether the process lives is told without a limit, which may need the store.
func (s *Server) chain(r route) []fiber.Handler {
	switch {
	case r.path == livePath:
		return []fiber.Handler{r.handle}
	case r.who == public && r.method == fiber.MethodPost:
		return []fiber.Handler{refuseLong, s.admitAddress, s.admitNobody(r.class()), r.handle}
	case r.who == public:
		return []fiber.Handler{s.admitAddress, s.admitNobody(r.class()), r.handle}
	case r.who == asking || r.method == fiber.MethodGet:
		return []fiber.Handler{s.admitAddress, s.signedIn, s.admitPerson(r.class()), r.handle}
	}
	return []fiber.Handler{s.admitAddress, s.signedIn, s.admitPerson(r.class()), keyed, r.handle}
}

// routes is the whole surface; each GET answers HEAD too. Every change behind a token needs an
// Idempotency-Key.
func (s *Server) routes() []route {
	const get, post, put, del = fiber.MethodGet, fiber.MethodPost, fiber.MethodPut, fiber.MethodDelete
	return []route{
		{get, livePath, public, s.live},
		{get, "/health/ready", public, s.ready},
		{get, "/.well-known/jwks.json", public, s.jwks},

		// Signing in and one's own devices.
		{post, codesPath, public, s.requestCode},
		{post, "/v1/sign-in/tokens", public, s.redeemCode},
		{post, "/v1/sign-in/paper", public, s.redeemPaper},
		{post, "/v1/tokens", public, s.refreshTokens},
		{post, "/v1/registrations", public, s.register},
		{get, "/v1/me", signedIn, s.me},
		{put, "/v1/me", signedIn, s.editMe},
		{post, "/v1/me/contacts", signedIn, s.addContact},
		{post, "/v1/me/contacts/remove", signedIn, s.dropContact},
		{post, "/v1/me/forget", signedIn, s.forgetMe},
		{get, "/v1/me/devices", signedIn, s.devices},
		{del, "/v1/me/devices/:device", signedIn, s.endDevice},
		{put, "/v1/me/push-token", signedIn, s.setPushToken},
		{del, "/v1/me/push-token", signedIn, s.dropPushToken},
		{get, "/v1/me/views", signedIn, s.views},
		{get, "/v1/me/as/:relation", signedIn, s.seeMeAs},
		{get, exportPath, signedIn, s.export},
		{get, "/v1/me/memberships", signedIn, s.memberships},
		{del, "/v1/me/memberships/:membership", signedIn, s.leave},

		// Villages, the desk and the association.
		{get, "/v1/communities", public, s.communities},
		{get, "/v1/communities/:community", public, s.community},
		{put, "/v1/communities/:community/weights", signedIn, s.weighCommunity},
		{post, "/v1/communities/:community/members", signedIn, s.join},
		{post, "/v1/communities/:community/persons", signedIn, s.registerAtDesk},
		{post, "/v1/communities/:community/persons/search", asking, s.searchPersons},
		{post, "/v1/communities/:community/persons/duplicates", asking, s.duplicates},
		{post, "/v1/communities/:community/persons/merge", signedIn, s.mergePersons},
		{get, "/v1/communities/:community/tasks", signedIn, s.tasks},
		{get, "/v1/communities/:community/plan", signedIn, s.plan},
		{post, "/v1/communities/:community/plan/asks", signedIn, s.askPlanned},
		{get, "/v1/communities/:community/plan/rides", signedIn, s.planRides},
		{get, "/v1/tasks/:task", signedIn, s.task},
		{post, "/v1/tasks/:task/done", signedIn, s.taskDone},
		{post, "/v1/communities/:community/roles", signedIn, s.grantRole},
		{get, "/v1/communities/:community/queue", signedIn, s.queue},
		{get, "/v1/communities/:community/helpers/:person", signedIn, s.helperIn},
		{post, "/v1/communities/:community/helpers/:person/approve", signedIn, s.approveHelper},
		{post, "/v1/communities/:community/helpers/:person/refuse", signedIn, s.refuseHelper},
		{post, "/v1/communities/:community/helpers/:person/pause", signedIn, s.pauseHelper},
		{post, "/v1/communities/:community/helpers/:person/resume", signedIn, s.resumeHelper},
		{post, "/v1/communities/:community/helpers/:person/vettings", signedIn, s.vetHelper},
		{get, "/v1/persons/:person", signedIn, s.person},
		{post, "/v1/persons/:person/paper-codes", signedIn, s.issuePaperCode},
		{get, "/v1/persons/:person/life", signedIn, s.life},
		{post, "/v1/persons/:person/life/leave", signedIn, s.leaveFor},
		{post, "/v1/persons/:person/life/return", signedIn, s.returnFrom},
		{post, "/v1/persons/:person/life/move", signedIn, s.moveTo},
		{post, "/v1/persons/:person/life/death", signedIn, s.reportDeath},
		{post, "/v1/persons/:person/life/death/confirm", signedIn, s.confirmDeath},
		{post, "/v1/persons/:person/life/death/take-back", signedIn, s.takeBackDeath},
		{get, "/v1/persons/:person/merges", signedIn, s.merges},
		{post, "/v1/persons/:person/unmerge", signedIn, s.unmerge},
		{post, "/v1/persons/:person/forget", signedIn, s.forgetPerson},
		{get, "/v1/memberships/:membership", signedIn, s.membership},
		{del, "/v1/memberships/:membership", signedIn, s.endMembership},
		{put, "/v1/memberships/:membership/leave", signedIn, s.setLeave},
		{get, "/v1/organizations", signedIn, s.organizations},

		// Helping: one's own book and offers.
		{get, "/v1/me/helper", signedIn, s.book},
		{put, "/v1/me/helper/quiet", signedIn, s.setQuiet},
		{post, "/v1/me/helper/applications", signedIn, s.applyAsHelper},
		{post, "/v1/me/blocks", signedIn, s.blockPerson},
		{post, "/v1/offers", signedIn, s.makeOffer},
		{get, "/v1/offers", signedIn, s.offers},
		{get, "/v1/offers/:offer", signedIn, s.offer},
		{put, "/v1/offers/:offer", signedIn, s.editOffer},
		{post, "/v1/offers/:offer/end", signedIn, s.endOffer},

		// Asking.
		{post, "/v1/requests", signedIn, s.askForHelp},
		{get, "/v1/requests", signedIn, s.requests},
		{get, "/v1/requests/:request", signedIn, s.request},
		{put, "/v1/requests/:request", signedIn, s.editRequest},
		{post, "/v1/requests/:request/publish", signedIn, s.publishRequest},
		{post, "/v1/requests/:request/withdraw", signedIn, s.withdrawRequest},
		{post, "/v1/requests/:request/withdraw-consent", signedIn, s.withdrawConsent},
		{post, "/v1/requests/:request/close", signedIn, s.closeRequest},
		{post, "/v1/requests/:request/refuse", signedIn, s.refuseRequest},
		{post, "/v1/requests/:request/settle", signedIn, s.settleRequest},
		{post, "/v1/requests/:request/slots", signedIn, s.addSlots},
		{post, "/v1/requests/:request/slots/:slot/skip", signedIn, s.skipSlot},
		{post, "/v1/requests/:request/slots/:slot/swap", signedIn, s.swapSlot},
		{get, "/v1/requests/:request/slots/:slot/candidates", signedIn, s.candidates},
		{get, "/v1/requests/:request/slots/:slot/journeys", signedIn, s.journeys},
		{post, "/v1/requests/:request/slots/:slot/journeys", signedIn, s.joinJourney},
		{get, "/v1/requests/:request/feedback", signedIn, s.feedbacks},
		{get, "/v1/requests/:request/history", signedIn, s.history},

		// Being asked, and the visit.
		{get, "/v1/asks/:ask", signedIn, s.ask},
		{get, "/v1/asks/:ask/reasons", signedIn, s.askReasons},
		{post, "/v1/asks/:ask/accept", signedIn, s.acceptAsk},
		{post, "/v1/asks/:ask/decline", signedIn, s.declineAsk},
		{post, "/v1/asks/:ask/later", signedIn, s.deferAsk},
		{get, "/v1/visits/:visit", signedIn, s.visit},
		{post, "/v1/visits/:visit/confirm", signedIn, s.confirmVisit},
		{post, "/v1/visits/:visit/move", signedIn, s.moveVisit},
		{post, "/v1/visits/:visit/start", signedIn, s.startVisit},
		{post, "/v1/visits/:visit/finish", signedIn, s.finishVisit},
		{post, "/v1/visits/:visit/no-show", signedIn, s.reportNoShow},
		{post, "/v1/visits/:visit/cancel", signedIn, s.cancelVisit},
		{get, "/v1/visits/:visit/address", signedIn, s.revealAddress},
		{post, "/v1/visits/:visit/messages", signedIn, s.sendMessage},
		{get, "/v1/visits/:visit/messages", signedIn, s.messages},
		{get, "/v1/messages/:message", signedIn, s.message},
		{post, "/v1/visits/:visit/feedback", signedIn, s.giveFeedback},
		{get, "/v1/feedback/:feedback", signedIn, s.feedback},
		{post, "/v1/visits/:visit/reports", signedIn, s.fileReport},

		// What devices did without a connection, and what they may hold. A push is safe to repeat by itself.
		{post, "/sync/v1/push", asking, s.push},
		{post, pullPath, asking, s.pull},
		{del, "/sync/v1/groups/:group", asking, s.endGroup},
		{post, "/sync/v1/keys", asking, s.deviceKeys},
		{post, bundlePath, public, s.bundle}, // sealed by a device that is signed in; whoever carries it needs no account
		{get, "/sync/v1/config", public, s.syncConfig},
		{post, "/sync/v1/events/ticket", asking, s.eventsTicket},
		{get, "/sync/v1/events", public, s.events}, // proves who calls itself: by a token, or by a ticket

		// Worries and formal care.
		{get, "/v1/reports/:report", signedIn, s.report},
		{post, "/v1/reports/:report/take", signedIn, s.takeReport},
		{post, "/v1/reports/:report/close", signedIn, s.closeReport},
		{post, "/v1/requests/:request/referrals", signedIn, s.referRequest},
		{get, "/v1/referrals", signedIn, s.referrals},
		{get, "/v1/referrals/:referral", signedIn, s.referral},
		{post, "/v1/referrals/:referral/accept", signedIn, s.acceptReferral},
		{post, "/v1/referrals/:referral/reject", signedIn, s.rejectReferral},
		{post, "/v1/referrals/:referral/start", signedIn, s.startReferral},
		{post, "/v1/referrals/:referral/complete", signedIn, s.completeReferral},
	}
}

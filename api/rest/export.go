package rest

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/api/dossier"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// exportVersion numbers the shape of wire.Export. Fields are added under the same number.
const exportVersion = 1

// homeZone is the clock on the wall of every village of today.
const homeZone = "Europe/Amsterdam"

// export serves GET /v1/me/export: all that is stored about the caller, for a machine or to read.
// What the files are called says nothing of whose they are.
func (s *Server) export(c *fiber.Ctx) error {
	format, err := wordIn(c, "format", "json")
	if err != nil {
		return err
	}
	if format != "json" && format != "html" {
		return care.E(care.Invalid, "format_unknown", "an export is json or html")
	}
	part, given, err := query(c, "part")
	if err != nil {
		return err
	}
	if given && part == "" {
		return care.E(care.Invalid, "cursor_invalid", "a part is the one that the last part named")
	}
	found, err := s.app.Export(c.UserContext(), caller(c), part)
	if err != nil {
		return err
	}
	shown := toExport(found, s.app)
	if format == "json" {
		c.Set(fiber.HeaderContentDisposition, `attachment; filename="naober.json"`)
		return c.JSON(shown)
	}
	me, err := s.app.Me(c.UserContext(), caller(c))
	if err != nil {
		return err
	}
	return answerPage(c, shown, found.Names, me.Value)
}

// answerPage shows a part in plain words, in the language and on the clock of its person.
func answerPage(c *fiber.Ctx, shown wire.Export, names map[string]string, me care.Person) error {
	zone, err := care.LoadZone(homeZone)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(me.FirstName + " " + me.LastName)
	names[string(me.ID)] = name
	body, err := dossier.Export(shown, dossier.Reader{Language: me.Language, Name: name, Names: names, Zone: zone})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, dossier.Policy())
	c.Set(fiber.HeaderContentDisposition, `inline; filename="naober.html"`)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(body)
}

// toExport shows a part through the serializers of the calls that each list has of its own.
func toExport(e app.Export, a *app.App) wire.Export {
	self := map[care.PersonID]app.PersonView{e.Self.ID: {ID: e.Self.ID, FirstName: e.Self.FirstName}}
	shown := wire.Export{Version: exportVersion, MadeAt: wire.Instant(e.At), Next: e.Next,
		Memberships: list(e.Memberships, toMembership), Devices: list(e.Sessions, toInstallation), Offers: list(e.Offers, toOffer),
		Requests: list(e.Requests, toRequest), Histories: list(e.Histories, toHistory),
		Asks:     list(e.Asks, func(x care.Ask) wire.Ask { return toAsk(x, self, self) }),
		Visits:   list(e.Visits, func(v care.Visit) wire.Visit { return toVisit(v, self) }),
		Messages: list(e.Messages, toMessage), Feedback: list(e.Feedbacks, toFeedback), Reports: list(e.Reports, toReport),
		Referrals: list(e.Referrals, func(f care.Referral) wire.Referral { return toReferral(f, app.Subject) }),
		Pushes:    list(e.Pushes, toSent), Views: list(e.Views, toView)}
	if e.Person != nil {
		profile, life := toProfile(*e.Person), toLife(*e.Person, a.Now())
		shown.Profile, shown.Life = &profile, &life
	}
	if e.Person != nil && e.Person.Life.MovedHome != (care.Place{}) {
		former := toPlace(e.Person.Life.MovedHome, true)
		shown.FormerHome = &former
	}
	if e.Book != nil {
		book := toBook(*e.Book, a.Now())
		shown.Book = &book
	}
	return shown
}

func toInstallation(s app.Session) wire.Installation {
	return wire.Installation{ID: string(s.ID), Name: s.Device, CreatedAt: wire.Instant(s.CreatedAt), UsedAt: wire.Instant(s.UsedAt),
		EndedAt: wire.Instant(s.EndedAt), EndReason: s.EndReason, Paper: s.Paper, Push: s.PushToken != ""}
}

func toSent(p app.Push) wire.Sent {
	return wire.Sent{Key: p.Key, Request: string(p.Request), Ask: string(p.Ask), Visit: string(p.Visit), At: wire.Instant(p.At)}
}

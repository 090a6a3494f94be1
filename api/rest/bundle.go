package rest

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/api/offline"
	"naober/matching/care"
	"naober/mobile-contract/bundle"
	"naober/mobile-contract/wire"
)

// What one bundle may take of us: a push is begun, and a page is asked for, while there is time.
const (
	bundlePushes   = 4
	bundlePages    = 20
	bundlePushTime = 3 * time.Second
	bundlePageTime = 7 * time.Second
)

// bundle serves POST /sync/v1/bundle: what a device without a connection would have sent itself, carried here by
// somebody else. Who carries it learns whether it was taken; what became of what is in it is sealed for the device.
func (s *Server) bundle(c *fiber.Ctx) error {
	body, err := decode[wire.Bundle](c)
	if err != nil {
		return err
	}
	session, err := bodyID[app.SessionID]("session", body.Session)
	if err != nil {
		return err
	}
	key := s.app.BundleKey(session)
	plain, err := bundle.Open(key, body, bundle.Up, s.app.Now())
	switch {
	case errors.Is(err, bundle.ErrExpired):
		return care.E(care.Invalid, "bundle_expired", "this bundle is too old; the device makes another one")
	case err != nil:
		return care.E(care.Invalid, "bundle_invalid", "this is no whole bundle as a device has sealed it")
	}
	up, err := decodeBody[bundle.Calls](plain)
	if err != nil {
		return err
	}
	down, err := s.unpacked(c, session, body.Number, up)
	if err != nil {
		return err
	}
	sealed, err := bundle.Seal(key, bundle.Head{Way: bundle.Down, Session: body.Session, Number: body.Number, Until: s.app.Now().Add(bundle.Life)}, down)
	if err != nil {
		return err
	}
	return c.JSON(wire.BundleReply(sealed))
}

// unpacked does what is in a bundle and collects the answers. An error is one for whoever carries it.
func (s *Server) unpacked(c *fiber.Ctx, session app.SessionID, number int64, up bundle.Calls) (bundle.Answers, error) {
	began, ctx := time.Now(), c.UserContext()
	group, err := groupOf(up)
	if err != nil {
		return bundle.Answers{}, err
	}
	down := bundle.Answers{ClientGroupID: string(group), Pushes: []bundle.Answer{}, Pulls: []bundle.Answer{}}
	// What the device is told by nobody but us: it would wipe its store at the word of whoever carries the bundle.
	refusedBy := func(err error) (bundle.Answers, error) {
		answer, err := s.sealedProblem(c, err)
		down.Pushes = append(down.Pushes, answer)
		return down, err
	}
	who, err := s.app.Carried(fresh(ctx, "who"), session)
	if err != nil {
		return refusedBy(err)
	}
	if err := s.app.AdmitPerson(ctx, app.Writing, who.Person); err != nil {
		return down, err
	}
	switch err := s.offline.Carry(fresh(ctx, "carry"), who, group, number); {
	case care.CodeOf(err) == "bundle_replayed":
		return down, err
	case err != nil:
		return refusedBy(err)
	}
	for i, push := range up.Pushes {
		if time.Since(began) > bundlePushTime {
			break
		}
		status, body, err := s.pushed(fresh(ctx, "push", strconv.Itoa(i)), who, push)
		if err != nil {
			return refusedBy(err)
		}
		answer, err := bundleAnswer(status, body)
		if err != nil {
			return down, err
		}
		if down.Pushes = append(down.Pushes, answer); status != fiber.StatusOK {
			break // the device sees to it before it goes on
		}
	}
	for ask := up.Pull; ask != nil && len(down.Pulls) < bundlePages && time.Since(began) < bundlePageTime; {
		page, refused, err := s.page(fresh(ctx, "pull", strconv.Itoa(len(down.Pulls))), who, *ask)
		var answer bundle.Answer
		switch {
		case err != nil:
			answer, err = s.sealedProblem(c, err)
		case refused != nil:
			answer, err = bundleAnswer(fiber.StatusOK, refused)
		default:
			answer, err = bundleAnswer(fiber.StatusOK, page)
		}
		if err != nil {
			return down, err
		}
		down.Pulls = append(down.Pulls, answer)
		if !page.HasMore {
			break
		}
		next := *ask
		next.Cookie = &page.Cookie
		ask = &next
	}
	return down, nil
}

// fresh is a call of its own within a call: nothing that was read before it counts.
func fresh(ctx context.Context, name ...string) context.Context {
	return app.WithPrelude(ctx, append([]string{"bundle"}, name...)...)
}

// groupOf is the one store that all in a bundle is of.
func groupOf(up bundle.Calls) (offline.GroupID, error) {
	var all []string
	for _, p := range up.Pushes {
		all = append(all, p.ClientGroupID)
	}
	if up.Pull != nil {
		all = append(all, up.Pull.ClientGroupID)
	}
	mixed := care.E(care.Invalid, "bundle_invalid", "a bundle has at most %d pushes and a pull, all of one store", bundlePushes)
	if len(all) == 0 || len(up.Pushes) > bundlePushes {
		return "", mixed
	}
	for _, id := range all {
		if id != all[0] {
			return "", mixed
		}
	}
	return bodyID[offline.GroupID]("clientGroupID", all[0])
}

func bundleAnswer(status int, body any) (bundle.Answer, error) {
	raw, err := json.Marshal(body)
	return bundle.Answer{Status: status, Body: raw}, err
}

// sealedProblem is a refusal as the device would have had it.
func (s *Server) sealedProblem(c *fiber.Ctx, err error) (bundle.Answer, error) {
	p := s.explain(c, err)
	p.Instance, p.Type, p.Title = named(c), problemType+p.Code, p.Code
	return bundleAnswer(p.Status, p)
}

package rest

import (
	"context"
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/api/offline"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// The versions that are spoken here. An old app can hand in what was done for longer than it can read.
const (
	pushVersion = 1
	pullVersion = 1
	docVersion  = "1"
)

// listenedPoll is when a device asks again of an account of which one listens here.
const listenedPoll = 10 * time.Minute

var mutationName = regexp.MustCompile(`^[a-z]+(_[a-z]+)*(\.[a-z0-9_]+)+$`)

// push serves POST /sync/v1/push: what was done on a device without a connection, or with a bad one.
func (s *Server) push(c *fiber.Ctx) error {
	body, err := decode[wire.Push](c)
	if err != nil {
		return err
	}
	status, answer, err := s.pushed(c.UserContext(), caller(c), body)
	if err != nil {
		return err
	}
	if status == fiber.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, pushAgain)
	}
	return c.Status(status).JSON(answer)
}

// pushAgain is after how many seconds an intent that met a failure is sent again.
const pushAgain = "5"

// pushed answers a push.
func (s *Server) pushed(ctx context.Context, who app.Caller, body wire.Push) (status int, answer any, err error) {
	if body.PushVersion != pushVersion {
		return fiber.StatusOK, wire.VersionRefused{Error: "VersionNotSupported", VersionType: "push", Min: "1", Max: "1"}, nil
	}
	group, err := deviceName[offline.GroupID]("clientGroupID", body.ClientGroupID)
	if err != nil {
		return 0, nil, err
	}
	intents := make([]offline.Intent, len(body.Mutations))
	for i, m := range body.Mutations {
		if intents[i], err = fromMutation(m); err != nil {
			return 0, nil, care.Within("mutations", care.Within(strconv.Itoa(i), err))
		}
	}
	done, err := s.offline.Push(ctx, who, group, intents)
	if err != nil {
		return 0, nil, err
	}
	s.noteIntents(done.Results)
	told := toPushAnswer(done)
	told.ServerNow = s.app.Now().UnixMilli()
	return pushStatus(done), told, nil
}

// pushStatus lets a client that reads nothing but the status know what to do.
func pushStatus(done offline.Pushed) int {
	if done.Whole {
		return fiber.StatusOK
	}
	if n := len(done.Results); n > 0 {
		switch done.Results[n-1].Status {
		case offline.Gap, offline.Forked:
			return fiber.StatusConflict
		case offline.Retry:
			return fiber.StatusServiceUnavailable
		}
	}
	return fiber.StatusAccepted
}

func fromMutation(m wire.Mutation) (offline.Intent, error) {
	writer, err := deviceName[offline.WriterID]("clientID", m.ClientID)
	if err != nil {
		return offline.Intent{}, err
	}
	refused := &care.Error{Kind: care.Invalid, Code: "mutation_invalid", Text: "a mutation has an id from 1 on, a nonce of 16 to 64 letters, digits, - and _, and a name"}
	nonce, ok := parseNonce(m.Nonce)
	if m.Nonce == "" {
		nonce, ok = "", true // it stays absent: decode refuses an empty one
	}
	switch {
	case m.ID < 1 || m.ID >= 1<<53:
		return offline.Intent{}, refused.With("field", "id")
	case !ok || string(nonce) != m.Nonce:
		return offline.Intent{}, refused.With("field", "nonce")
	case len(m.Name) > 60 || !mutationName.MatchString(m.Name):
		return offline.Intent{}, refused.With("field", "name")
	}
	return offline.Intent{Writer: writer, ID: m.ID, Nonce: nonce, Name: m.Name, Args: m.Args}, nil
}

// deviceName reads the name of a store or a writer: a ULID, or 18 digits and letters up to v, as the client of
// replicache makes them.
func deviceName[T ~string](field, raw string) (T, error) {
	if len(raw) == 18 && strings.Trim(raw, "0123456789abcdefghijklmnopqrstuv") == "" {
		return T(raw), nil
	}
	return bodyID[T](field, raw)
}

func toPushAnswer(done offline.Pushed) wire.PushAnswer {
	answer := wire.PushAnswer{Epoch: done.Epoch, LastMutationIDs: counts(done.Last)}
	answer.Results = list(done.Results, func(r offline.Result) wire.MutationResult {
		shown := wire.MutationResult{ClientID: string(r.Writer), ID: r.ID, Status: string(r.Status), Of: string(r.Of), Code: r.Code, Params: r.Params,
			ExpectedID: r.Expected}
		if r.Outcome != "" {
			shown.Outcome = "outcome/" + string(r.Outcome)
		}
		return shown
	})
	return answer
}

func counts(all map[offline.WriterID]int64) map[string]int64 {
	shown := map[string]int64{}
	for id, last := range all {
		shown[string(id)] = last
	}
	return shown
}

// pull serves POST /sync/v1/pull: the difference between what a device holds and what its account may see.
func (s *Server) pull(c *fiber.Ctx) error {
	body, err := decode[wire.Pull](c)
	if err != nil {
		return err
	}
	page, refused, err := s.page(c.UserContext(), caller(c), body)
	switch {
	case err != nil:
		return err
	case refused != nil:
		return c.JSON(refused)
	}
	return sendPacked(c, page)
}

// page answers a pull; refused is what a version gets that is not spoken here.
func (s *Server) page(ctx context.Context, who app.Caller, body wire.Pull) (page wire.PullAnswer, refused *wire.VersionRefused, err error) {
	if body.PullVersion != pullVersion {
		return page, &wire.VersionRefused{Error: "VersionNotSupported", VersionType: "pull", Min: "1", Max: "1"}, nil
	}
	if body.SchemaVersion != docVersion {
		return page, &wire.VersionRefused{Error: "VersionNotSupported", VersionType: "schema", Min: docVersion, Max: docVersion}, nil
	}
	group, err := deviceName[offline.GroupID]("clientGroupID", body.ClientGroupID)
	if err != nil {
		return page, nil, err
	}
	if body.MaxOps < 0 || body.MaxBytes < 0 {
		return page, nil, care.E(care.Invalid, "bounds_invalid", "maxOps and maxBytes are positive, or absent")
	}
	ask := offline.Ask{Group: group, Schema: body.SchemaVersion, Bounds: offline.Bounds{Ops: body.MaxOps, Bytes: body.MaxBytes}}
	if k := body.Cookie; k != nil {
		ask.Cookie = &offline.Cookie{Order: k.Order, View: k.V, Epoch: k.E}
	}
	found, err := s.offline.Pull(ctx, who, ask)
	if err != nil {
		return page, nil, err
	}
	s.notePull(found)
	if s.hub.Listens(who.Person) {
		found.Next = listenedPoll
	}
	return toPullAnswer(found, s.app.Now()), nil, nil
}

func toPullAnswer(p offline.Pulled, now time.Time) wire.PullAnswer {
	answer := wire.PullAnswer{Epoch: p.Epoch, ServerNow: now.UnixMilli(), Cookie: wire.Cookie{Order: p.Cookie.Order, V: p.Cookie.View, E: p.Cookie.Epoch},
		LastMutationIDChanges: counts(p.Last), HasMore: p.More, NextPollMs: p.Next.Milliseconds(), LeaseMs: p.Lease.Milliseconds()}
	answer.Patch = list(p.Patch, func(o offline.Op) wire.PatchOp { return wire.PatchOp{Op: o.Op, Key: o.Key, Value: o.Value} })
	if p.Check != nil {
		answer.Check = &wire.PullCheck{N: p.Check.N, H: p.Check.H}
	}
	return answer
}

// noteIntents counts what became of intents: of one whose verdict is known no more it is unknown, of one at which
// the program failed again and again given_up.
func (s *Server) noteIntents(all []offline.Result) {
	if s.watch == nil {
		return
	}
	for _, r := range all {
		result := string(r.Status)
		switch {
		case r.Of == offline.Unknown:
			result = "unknown"
		case r.Code == "internal":
			result = "given_up"
		}
		s.watch.Intent(result)
	}
}

// notePull counts pages that brought nothing, a difference, or everything anew.
func (s *Server) notePull(p offline.Pulled) {
	if s.watch == nil {
		return
	}
	brought := "nothing"
	if len(p.Patch) > 0 {
		brought = "changes"
		if p.Patch[0].Op == "clear" {
			brought = "everything"
		}
	}
	s.watch.Pulled(brought)
}

// endGroup serves DELETE /sync/v1/groups/:group: a device gives up its store.
func (s *Server) endGroup(c *fiber.Ctx) error {
	group, err := deviceName[offline.GroupID]("group", c.Params("group"))
	if err != nil {
		return err
	}
	if err := s.offline.End(c.UserContext(), caller(c), group); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// deviceKeys serves POST /sync/v1/keys: what a device seals its store and its bundles with.
func (s *Server) deviceKeys(c *fiber.Ctx) error {
	keys, err := s.app.DeviceKeys(c.UserContext(), caller(c))
	if err != nil {
		return err
	}
	return c.JSON(wire.DeviceKeys{StoreKey: base64.RawURLEncoding.EncodeToString(keys.Store), BundleKey: base64.RawURLEncoding.EncodeToString(keys.Bundle)})
}

// syncConfig serves GET /sync/v1/config: the bounds of the synchronisation.
func (s *Server) syncConfig(c *fiber.Ctx) error {
	return c.JSON(wire.SyncConfig{PushVersion: pushVersion, PullVersion: pullVersion, SchemaVersion: docVersion, MaxMutations: offline.MostIntents, MaxPushBytes: pushBytes,
		PageOps: pageOps, PageBytes: pageBytes, LeaseMs: offline.Lease.Milliseconds(), StreamsPerAccount: offline.StreamsOfAccount})
}

// What a client sends and takes at a time. The service takes bodyLimit, and gives a page without bounds to whoever
// asks for none.
const (
	pushBytes = 256 << 10
	pageOps   = 200
	pageBytes = 256 << 10
)

package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// tasks serves GET /v1/communities/:community/tasks: what waits for its desk.
func (s *Server) tasks(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	found, err := s.app.Tasks(c.UserContext(), caller(c), in)
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toTask), "")
}

// task serves GET /v1/tasks/:task.
func (s *Server) task(c *fiber.Ctx) error {
	key, err := id[care.TaskID](c, "task")
	if err != nil {
		return err
	}
	t, err := s.app.Task(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, t.Ver)
	return c.JSON(toTask(t.Value))
}

// taskDone serves POST /v1/tasks/:task/done.
func (s *Server) taskDone(c *fiber.Ctx) error {
	if err := act(c, "task", s.app.TaskDone); err != nil {
		return err
	}
	return s.task(c)
}

func toTask(t care.Task) wire.Task {
	return wire.Task{ID: string(t.ID), Community: string(t.Community), Kind: string(t.Kind), Person: string(t.Person), Other: string(t.Other),
		Request: string(t.Request), Visit: string(t.Visit), MadeAt: wire.Instant(t.MadeAt), DoneBy: string(t.DoneBy), DoneAt: wire.Instant(t.DoneAt)}
}

package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// fileReport serves POST /v1/visits/:visit/reports.
func (s *Server) fileReport(c *fiber.Ctx) error {
	visit, err := id[care.VisitID](c, "visit")
	if err != nil {
		return err
	}
	body, err := decode[wire.NewReport](c)
	if err != nil {
		return err
	}
	filed, err := s.app.FileReport(c.UserContext(), caller(c), visit, body.Words)
	if err != nil {
		return err
	}
	p, err := s.app.Report(c.UserContext(), caller(c), filed)
	if err != nil {
		return err
	}
	tag(c, p.Ver)
	return created(c, "/v1/reports/"+p.ID, toReport(p.Value))
}

// report serves GET /v1/reports/:report.
func (s *Server) report(c *fiber.Ctx) error {
	key, err := id[care.ReportID](c, "report")
	if err != nil {
		return err
	}
	p, err := s.app.Report(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, p.Ver)
	return c.JSON(toReport(p.Value))
}

// takeReport serves POST /v1/reports/:report/take.
func (s *Server) takeReport(c *fiber.Ctx) error {
	if err := act(c, "report", s.app.TakeReport); err != nil {
		return err
	}
	return s.report(c)
}

// closeReport serves POST /v1/reports/:report/close.
func (s *Server) closeReport(c *fiber.Ctx) error {
	err := actWith(c, "report", func(ctx context.Context, who app.Caller, key care.ReportID, body wire.ReportAnswer) error {
		return s.app.CloseReport(ctx, who, key, body.Answer)
	})
	if err != nil {
		return err
	}
	return s.report(c)
}

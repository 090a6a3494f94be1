package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"naober/api/cmd/naober/bench/region"
	"naober/matching/index"
)

// ours is our index, in the process.
type ours struct {
	world  index.World
	finder index.Finder
	ranker index.Ranker
	best   []index.Hit
}

func (o *ours) name() string         { return "naober" }
func (o *ours) floor() error         { return nil }
func (o *ours) can(region.Case) bool { return true }
func (o *ours) Close() error         { return nil }

func (o *ours) ask(of region.Case, k *index.Ranking) ([]index.Hit, error) {
	switch of {
	case region.S5:
		o.best = o.best[:0]
		o.finder.Reaching(o.world, &k.Query, func(id uint32) bool {
			o.best = append(o.best, index.Hit{ID: id})
			return true
		})
	case region.S6:
		o.best = o.best[:0]
		for _, r := range o.ranker.Best(o.world, k) {
			o.best = append(o.best, index.Hit{ID: r.ID})
		}
	default:
		return o.finder.Nearest(o.world, &k.Query), nil
	}
	return o.best, nil
}

// served is our index over HTTP and JSON, on the loopback address with one connection kept.
type served struct {
	*ours
	app  *fiber.App
	done chan error
	conn net.Conn
	in   *bufio.Reader
	best []index.Hit
}

func serve(w index.World) (*served, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &served{ours: &ours{world: w}, app: fiber.New(fiber.Config{DisableStartupMessage: true}), done: make(chan error, 1)}
	s.app.Post("/nearest", func(c *fiber.Ctx) error {
		var q index.Query
		if err := json.Unmarshal(c.Request().Body(), &q); err != nil {
			return fiber.ErrBadRequest
		}
		return c.JSON(s.finder.Nearest(s.world, &q))
	})
	s.app.Post("/bare", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.SendString(`[{"ID":1,"Square":1}]`)
	})
	go func() { s.done <- s.app.Listener(l) }()
	if s.conn, err = new(net.Dialer).DialContext(context.Background(), "tcp", l.Addr().String()); err != nil {
		return nil, err
	}
	s.in = bufio.NewReader(s.conn)
	return s, nil
}

func (s *served) name() string { return "naober, HTTP + JSON" }
func (s *served) floor() error { return s.post("/bare", []byte("{}"), &s.best) }

func (s *served) can(of region.Case) bool {
	return of == region.S1 || of == region.S2 || of == region.S3
}

func (s *served) ask(_ region.Case, k *index.Ranking) ([]index.Hit, error) {
	body, err := json.Marshal(k.Query)
	if err != nil {
		return nil, err
	}
	s.best = s.best[:0]
	err = s.post("/nearest", body, &s.best)
	return s.best, err
}

func (s *served) post(path string, body []byte, into any) error {
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: naober\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, len(body))
	if _, err := s.conn.Write(append([]byte(head), body...)); err != nil {
		return err
	}
	answer, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s, %w", path, answer.Status, err)
	}
	return json.NewDecoder(bytes.NewReader(text)).Decode(into)
}

func (s *served) Close() error {
	s.conn.Close()
	if err := s.app.Shutdown(); err != nil {
		return err
	}
	return <-s.done
}

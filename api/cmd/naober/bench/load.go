package bench

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// call is one thing to do, the n-th of its kind over the whole run.
type call func(ctx context.Context, n int) error

// rate runs a call so many times by so many clients at once and gives calls a second.
func rate(ctx context.Context, clients, calls, from int, do call) (float64, error) {
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make(chan error, clients)
	began := time.Now()
	for range clients {
		group.Go(func() {
			for n := int(next.Add(1)) - 1; n < calls; n = int(next.Add(1)) - 1 {
				if err := do(ctx, from+n); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(calls) / took.Seconds(), nil
	}
}

// line is keep-alive connections to one server on the loopback address, from a client that costs
// little itself.
type line struct {
	client *fasthttp.HostClient
	base   string
}

func dial(addr net.Addr, clients int) line {
	return line{base: "http://" + addr.String(), client: &fasthttp.HostClient{Addr: addr.String(), MaxConns: clients,
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}}
}

// send does one call and returns a copy of the answer's body where it was wanted.
func (l line) send(method, path, bearer, key string, body []byte, wanted int, keep bool) ([]byte, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.Header.SetMethod(method)
	req.SetRequestURI(l.base + path)
	if bearer != "" {
		req.Header.Set("Authorization", bearer)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if body != nil {
		req.Header.SetContentType("application/json")
		req.SetBodyRaw(body)
	}
	if err := l.client.Do(req, res); err != nil {
		return nil, fmt.Errorf("bench: %s %s: %w", method, path, err)
	}
	if res.StatusCode() != wanted {
		return nil, fmt.Errorf("bench: %s %s answered %d: %s", method, path, res.StatusCode(), res.Body())
	}
	if !keep {
		return nil, nil
	}
	return append([]byte(nil), res.Body()...), nil
}

package faults

import (
	"github.com/valyala/fasthttp"
)

// Calls stands around the surface of the service: what is set befalls the calls that it fits.
func (s *Switches) Calls(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(c *fasthttp.RequestCtx) {
		s.streams.left(c.Conn())
		path, body := string(c.Path()), c.Request.Body()
		work, answer := next, Fault{}
		for _, f := range s.board.meet(call{path: path, body: body, account: func() string { return s.accountOf(c) }}) {
			switch f.Kind {
			case Delay:
				s.wait(f)
			case Single:
				work = single(work)
			default:
				answer = f
			}
		}
		switch answer.Kind {
		case "":
			work(c)
		case Cut:
			hangUp(c)
		case Drop:
			work(c)
			hangUp(c)
		case Truncate:
			work(c)
			breakOff(c)
		default:
			answer.write(c)
		}
		s.streams.opened(c)
	}
}

package rest

import (
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// trusted reads the addresses whose forwarded headers count. One that cannot be read is left out,
// which is the safe side, and said in the log.
func trusted(raw []string, log *slog.Logger) []netip.Prefix {
	var found []netip.Prefix
	for _, text := range raw {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			var one netip.Addr
			if one, err = netip.ParseAddr(text); err == nil {
				prefix = netip.PrefixFrom(one, one.BitLen())
			}
		}
		if err != nil {
			log.Error("a proxy's address cannot be read and is not trusted", "address", text)
			continue
		}
		found = append(found, prefix)
	}
	return found
}

// address is the client's network address, for limits. Each proxy appends whom it heard from, so the
// header is read from its end, and the first address that is no proxy of ours is the client's: what
// stands further to the left anybody can write.
func (s *Server) address(c *fiber.Ctx) string {
	from := c.Context().RemoteIP().String()
	if !s.trusts(from) {
		return from
	}
	var heard []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		heard = append(heard, strings.Split(string(line), ",")...)
	}
	slices.Reverse(heard)
	for _, hop := range heard {
		ip, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		if from = ip.Unmap().String(); !s.trusts(from) {
			break
		}
	}
	return from
}

func (s *Server) trusts(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

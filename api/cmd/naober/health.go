package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// healthTime is how long the service may take to say that it is ready.
const healthTime = 5 * time.Second

// health asks a service on this machine whether it is ready, and fails where it is not: for a container,
// in which there is no other program. Without an address it asks where NAOBER_LISTEN says.
func health(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	if len(args) > 1 {
		return errors.New("health takes one address at most, such as http://127.0.0.1:8080")
	}
	where := strings.Join(args, "")
	if where == "" {
		var err error
		if where, err = besides(settings(env)("LISTEN", listen)); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(where, "/")+"/health/ready", nil)
	if err != nil {
		return fmt.Errorf("%s is no address of a service", where)
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return fmt.Errorf("nothing answers: %w", err)
	}
	if err := answer.Body.Close(); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s answers %d; its log says why", where, answer.StatusCode)
	}
	_, err = fmt.Fprintln(out, "ready")
	return err
}

// besides is where a service that listens at an address is reached from its own machine.
func besides(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", errors.New("NAOBER_LISTEN is host:port")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

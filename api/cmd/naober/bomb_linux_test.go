package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What one call without login may cost.
const (
	bombCPU    = 50 * time.Millisecond
	bombMemory = 16 << 20 // bytes that the process grows by at its peak
	bombTimes  = 10       // calls that the CPU is averaged over: the kernel counts in ticks of 10 ms
	halfCall   = 10 * time.Second
)

// target is `naober serve` as a process of its own, with the settings of production.
type target struct {
	t       *testing.T
	process *os.Process
	address string
}

func startTarget(t *testing.T) *target {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "naober")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, "serve")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	// Nothing listens at the mail server's port: no bomb gets as far as a mail.
	cmd.Env = []string{"NAOBER_STORE=" + filepath.Join(dir, "store"), "NAOBER_SECRET_FILE=" + secret, "NAOBER_LISTEN=127.0.0.1:0",
		"NAOBER_PUBLIC_URL=https://naober.example", "NAOBER_SMTP_ADDR=127.0.0.1:1", "NAOBER_OUTGOING_ALLOW=127.0.0.1", "NAOBER_SMTP_FROM=noreply@naober.example"}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	var line struct{ Msg, Address string }
	for line.Msg != "serving" && lines.Scan() {
		_ = json.Unmarshal(lines.Bytes(), &line)
	}
	drained := make(chan struct{})
	go func() { defer close(drained); _, _ = io.Copy(io.Discard, log) }()
	t.Cleanup(func() {
		cancel()
		<-drained
		if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("the service ended with %v", err)
		}
	})
	if line.Address == "" {
		t.Fatal("the service does not serve")
	}
	return &target{t: t, process: cmd.Process, address: line.Address}
}

// send sends raw bytes on a connection of its own and reads until the service closes it.
func (g *target) send(raw []byte) string {
	g.t.Helper()
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		g.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * halfCall)); err != nil {
		g.t.Fatal(err)
	}
	go func() { _, _ = conn.Write(raw) }() // it fails where the answer comes before the end
	answer, _ := io.ReadAll(conn)          // a reset after the answer is an end too
	return string(answer)
}

// cpu is what the process has used in its life.
func (g *target) cpu() time.Duration {
	g.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", g.process.Pid))
	if err != nil {
		g.t.Fatal(err)
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] { // utime and stime, in the 100 ticks of a second
		n, err := strconv.Atoi(f)
		if err != nil {
			g.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// memory reads VmRSS or VmHWM, the peak since resetPeak, in bytes.
func (g *target) memory(what string) int {
	g.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", g.process.Pid))
	if err != nil {
		g.t.Fatal(err)
	}
	found := regexp.MustCompile(what + `:\s+(\d+) kB`).FindSubmatch(raw)
	if found == nil {
		g.t.Fatalf("no %s", what)
	}
	kilo, err := strconv.Atoi(string(found[1]))
	if err != nil {
		g.t.Fatal(err)
	}
	return kilo << 10
}

func (g *target) resetPeak() {
	g.t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", g.process.Pid), []byte("5"), 0); err != nil {
		g.t.Fatal(err)
	}
}

// TestNoCallWithoutLoginCostsMuch sends each bomb alone and holds what it costs the process.
func TestNoCallWithoutLoginCostsMuch(t *testing.T) {
	g := startTarget(t)
	g.send(post("application/json", []byte(`{"refresh":"warm"}`)))
	var worstCPU time.Duration
	var worstMemory int
	for _, b := range bombs(t) {
		g.t = t
		grew := 0
		before, began := g.cpu(), time.Now()
		for i := range bombTimes {
			if i < 3 {
				g.resetPeak()
			}
			rss := g.memory("VmRSS")
			answer := g.send(b.raw)
			if !regexp.MustCompile(`^HTTP/1\.1 (` + b.want + `) `).MatchString(answer) {
				t.Fatalf("%s: want %s, got %.200q", b.name, b.want, answer)
			}
			if i < 3 {
				grew = max(grew, g.memory("VmHWM")-rss)
			}
		}
		cost := (g.cpu() - before) / time.Duration(bombTimes*b.calls())
		t.Logf("%-45s %6.1f ms CPU, %5.1f MiB, answered in %v", b.name, float64(cost.Microseconds())/1000, float64(grew)/(1<<20), (time.Since(began) / bombTimes).Round(time.Millisecond))
		if cost > bombCPU || grew > bombMemory {
			t.Errorf("%s: %v of CPU and %d KiB for one call, at most %v and %d KiB", b.name, cost, grew>>10, bombCPU, bombMemory>>10)
		}
		worstCPU, worstMemory = max(worstCPU, cost), max(worstMemory, grew)
	}
	t.Logf("figure: the worst of %d bombs took %v of CPU, the worst %.1f MiB", len(bombs(t)), worstCPU, float64(worstMemory)/(1<<20))
}

// TestAHalfCallIsClosed begins calls in every way and never ends them.
func TestAHalfCallIsClosed(t *testing.T) {
	g := startTarget(t)
	head := "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, half := range map[string]struct{ first, drip string }{
		"nothing":            {"", ""},
		"one letter":         {"P", ""},
		"half a head":        {head, ""},
		"a dripping head":    {head, "X-A: b\r\n"},
		"half a body":        {head + "Content-Length: 1000\r\n\r\n{", ""},
		"a dripping body":    {head + "Content-Length: 100000\r\n\r\n{", " "},
		"half a chunk":       {head + "Transfer-Encoding: chunked\r\n\r\n10\r\n{", ""},
		"chunks without end": {head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"},
		"half a second call": {"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /hea", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", g.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			began := time.Now()
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				_, _ = io.Copy(io.Discard, conn)
			}()
			_, _ = io.WriteString(conn, half.first)
			drip := time.NewTicker(300 * time.Millisecond)
			defer drip.Stop()
			late := time.After(halfCall)
			for {
				select {
				case <-closed:
					t.Logf("closed after %v", time.Since(began).Round(time.Millisecond))
					return
				case <-late:
					t.Fatalf("open after %v", halfCall)
				case <-drip.C:
					_, _ = io.WriteString(conn, half.drip)
				}
			}
		})
	}
}

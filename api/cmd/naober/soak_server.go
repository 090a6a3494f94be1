package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// soakServer is a MongoDB-compatible server that belongs to one soak, run by deploy/mongo.sh. It waits
// for the disk at each commit, so that what it acknowledged outlives it.
type soakServer struct {
	script, folder, uri string
}

func startSoakServer(ctx context.Context, script, folder string) (soakServer, error) {
	s := soakServer{script: script, folder: filepath.Join(folder, "mongo")}
	var err error
	s.uri, err = s.run(ctx, "start", "--durable")
	return s, err
}

// crash ends the server without warning and brings it back at its address.
func (s soakServer) crash(ctx context.Context) error {
	if _, err := s.run(ctx, "kill"); err != nil {
		return err
	}
	_, err := s.run(ctx, "start")
	return err
}

func (s soakServer) stop(ctx context.Context, wipe bool) error {
	var args []string
	if wipe {
		args = append(args, "--wipe")
	}
	_, err := s.run(ctx, "stop", args...)
	return err
}

// run runs the script on this server, whatever server the caller's environment names.
func (s soakServer) run(ctx context.Context, verb string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.script, append([]string{verb, "--dir", s.folder}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it undoes a start half done
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NAOBER_MONGO_URI=") && !strings.HasPrefix(v, "NAOBER_MONGO_DIR=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", s.script, verb, err, said.String())
	}
	return strings.TrimSpace(string(out)), err
}

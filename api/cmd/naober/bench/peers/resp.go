package main

import (
	"bufio"
	"errors"
	"net"
	"strconv"
)

// resp speaks to a Redis server, in its own protocol and with no driver between: what is measured is the
// server and the way to it.
type resp struct {
	conn net.Conn
	in   *bufio.Reader
	out  *bufio.Writer
}

func dialRedis(socket string) (*resp, error) {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	return &resp{conn: c, in: bufio.NewReaderSize(c, 1<<18), out: bufio.NewWriterSize(c, 1<<18)}, nil
}

// send queues a command; flush sends what is queued.
func (r *resp) send(words ...string) {
	r.out.WriteString("*" + strconv.Itoa(len(words)) + "\r\n")
	for _, w := range words {
		r.out.WriteString("$" + strconv.Itoa(len(w)) + "\r\n")
		r.out.WriteString(w)
		r.out.WriteString("\r\n")
	}
}

func (r *resp) flush() error { return r.out.Flush() }

// receive reads one answer and calls item with each of its strings.
func (r *resp) receive(item func([]byte)) error {
	line, err := r.in.ReadSlice('\n')
	if err != nil || len(line) < 3 {
		return errors.Join(errors.New("redis ended the connection"), err)
	}
	kind, rest := line[0], string(line[1:len(line)-2])
	switch kind {
	case '+', ':':
		return nil
	case '-':
		return errors.New("redis: " + rest)
	}
	n, err := strconv.Atoi(rest)
	if err != nil {
		return err
	}
	if kind == '*' {
		for range n {
			if err := r.receive(item); err != nil {
				return err
			}
		}
		return nil
	}
	if n < 0 {
		return nil
	}
	text, err := r.in.Peek(n + 2)
	if err != nil {
		return err
	}
	if item != nil {
		item(text[:n])
	}
	_, err = r.in.Discard(n + 2)
	return err
}

// ping is the way there and back with nothing in it.
func (r *resp) ping() error {
	r.send("PING")
	if err := r.flush(); err != nil {
		return err
	}
	return r.receive(nil)
}

func (r *resp) Close() error { return r.conn.Close() }

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// postgres speaks version 3 of PostgreSQL's protocol as far as statements prepared once need it, on a
// socket that asks for no password.
type postgres struct {
	conn net.Conn
	in   *bufio.Reader
	out  *bufio.Writer
	body []byte
	text []byte
}

func dialPostgres(socket, user string) (*postgres, error) {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	p := &postgres{conn: c, in: bufio.NewReaderSize(c, 1<<16), out: bufio.NewWriterSize(c, 1<<16)}
	words := fmt.Sprintf("user\x00%s\x00database\x00postgres\x00\x00", user)
	head := binary.BigEndian.AppendUint32(nil, uint32(8+len(words)))
	head = binary.BigEndian.AppendUint32(head, 3<<16)
	p.out.Write(head)
	p.out.WriteString(words)
	return p, p.finish(nil)
}

func (p *postgres) Close() error { return p.conn.Close() }

func (p *postgres) message(kind byte, parts ...string) {
	size := 4
	for _, s := range parts {
		size += len(s)
	}
	p.out.WriteByte(kind)
	p.out.Write(binary.BigEndian.AppendUint32(nil, uint32(size)))
	for _, s := range parts {
		p.out.WriteString(s)
	}
}

// finish sends what is queued and reads until the server is ready, giving row the first column of each row.
func (p *postgres) finish(row func(string)) error {
	if err := p.out.Flush(); err != nil {
		return err
	}
	var failed error
	for {
		kind, body, err := p.read()
		switch {
		case err != nil:
			return err
		case kind == 'D' && row != nil:
			n := int(int32(binary.BigEndian.Uint32(body[2:])))
			row(string(body[6 : 6+max(n, 0)]))
		case kind == 'E':
			failed = errors.New("postgres: " + strings.ReplaceAll(string(body), "\x00", " "))
		case kind == 'G': // ready for COPY
			return failed
		case kind == 'Z':
			return failed
		}
	}
}

func (p *postgres) read() (byte, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(p.in, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(binary.BigEndian.Uint32(head[1:])) - 4
	if cap(p.body) < n {
		p.body = make([]byte, n)
	}
	p.body = p.body[:n]
	_, err := io.ReadFull(p.in, p.body)
	return head[0], p.body, err
}

// run runs statements without parameters.
func (p *postgres) run(sql string, row func(string)) error {
	p.message('Q', sql, "\x00")
	return p.finish(row)
}

// copyIn sends the lines of a table.
func (p *postgres) copyIn(sql string, lines func(line func(string))) error {
	if err := p.run(sql, nil); err != nil {
		return err
	}
	lines(func(s string) { p.message('d', s, "\n") })
	p.message('c')
	return p.finish(nil)
}

// prepare gives a statement a name.
func (p *postgres) prepare(name, sql string) error {
	p.message('P', name, "\x00", sql, "\x00\x00\x00")
	p.message('S')
	return p.finish(nil)
}

// execute runs a prepared statement in one way there and back; values are text.
func (p *postgres) execute(name string, row func(string), values ...string) error {
	b := append(p.text[:0], 0)
	b = append(append(b, name...), 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(values)))
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	p.text = append(b, 0, 0)
	p.message('B', string(p.text))
	p.message('E', "\x00\x00\x00\x00\x00")
	p.message('S')
	return p.finish(row)
}

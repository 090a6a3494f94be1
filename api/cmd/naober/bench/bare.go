package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	"github.com/gofiber/fiber/v2"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	_ "modernc.org/sqlite" // the driver itself, without our store
)

// Driver is a store's own driver, used as plainly as it allows with the same durability.
type Driver interface {
	// Learn keeps the stored bytes of one request, for the calls that follow.
	Learn(ctx context.Context, id string) (bytes int, err error)
	// Insert writes what was learnt under a new id; Replace writes it over the one of that number.
	Insert(ctx context.Context, n int) error
	Replace(ctx context.Context, n int) error
	// Read reads one document that Insert wrote.
	Read(ctx context.Context, n int) error
	Close() error
}

// bareServer serves fixed bytes and nothing else.
type bareServer struct {
	app  *fiber.App
	addr net.Addr
	done chan error
}

// serveBare answers each path with its bytes, on a free port.
func serveBare(answers map[string][]byte) (*bareServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bareServer{app: fiber.New(fiber.Config{DisableStartupMessage: true}), addr: l.Addr(), done: make(chan error, 1)}
	for path, body := range answers {
		b.app.Get(path, func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
			return c.Send(body)
		})
	}
	go func() { b.done <- b.app.Listener(l) }()
	return b, nil
}

func (b *bareServer) close() error {
	if err := b.app.Shutdown(); err != nil {
		return err
	}
	return <-b.done
}

// sqliteDriver writes to a file of its own beside the store's, with the store's settings.
type sqliteDriver struct {
	db    *sql.DB
	store string
	state []byte
}

// SQLite opens the bare peer of an embedded store in this folder.
func SQLite(ctx context.Context, folder string) (Driver, error) {
	const settings = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
		"&_pragma=secure_delete(1)&_pragma=trusted_schema(0)&_txlock=immediate"
	name := url.URL{Scheme: "file", Path: filepath.Join(folder, "bare.db"), RawQuery: settings}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // SQLite has one writer, and our store one connection for it
	_, err = db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY NOT NULL, state TEXT NOT NULL) STRICT`)
	return &sqliteDriver{db: db, store: filepath.Join(folder, "naober.db")}, err
}

func (d *sqliteDriver) Learn(ctx context.Context, id string) (int, error) {
	name := url.URL{Scheme: "file", Path: d.store, RawQuery: "mode=ro"}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `SELECT state || coalesce(events, '') || coalesce(nonces, '') FROM requests WHERE id = ?`, id).Scan(&d.state)
	return len(d.state), err
}

func (d *sqliteDriver) Insert(ctx context.Context, n int) error {
	_, err := d.db.ExecContext(ctx, `INSERT INTO bare (id, state) VALUES (?, ?)`, bareID(n), string(d.state))
	return err
}

func (d *sqliteDriver) Replace(ctx context.Context, n int) error {
	_, err := d.db.ExecContext(ctx, `UPDATE bare SET state = ? WHERE id = ?`, string(d.state), bareID(n))
	return err
}

func (d *sqliteDriver) Read(ctx context.Context, n int) error {
	var state []byte
	return d.db.QueryRowContext(ctx, `SELECT state FROM bare WHERE id = ?`, bareID(n)).Scan(&state)
}

func (d *sqliteDriver) Close() error { return d.db.Close() }

// mongoDriver writes to a collection of its own beside the store's, with the store's concerns.
type mongoDriver struct {
	client *mongo.Client
	db     *mongo.Database
	doc    bson.D
}

// Mongo opens the bare peer of a store in a database.
func Mongo(ctx context.Context, uri, database string) (Driver, error) {
	journal := true
	durable := writeconcern.Majority()
	durable.Journal = &journal
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri).SetWriteConcern(durable).SetReadConcern(readconcern.Majority()))
	if err != nil {
		return nil, err
	}
	return &mongoDriver{client: client, db: client.Database(database)}, nil
}

func (d *mongoDriver) bare() *mongo.Collection { return d.db.Collection("bare") }

func (d *mongoDriver) Learn(ctx context.Context, id string) (int, error) {
	raw, err := d.db.Collection("requests").FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if err != nil {
		return 0, err
	}
	return len(raw), bson.Unmarshal(raw, &d.doc)
}

// named is the document under the id of a number.
func (d *mongoDriver) named(n int) bson.D {
	doc := append(bson.D(nil), d.doc...)
	for i := range doc {
		if doc[i].Key == "_id" {
			doc[i].Value = bareID(n)
		}
	}
	return doc
}

func byNumber(n int) bson.D { return bson.D{{Key: "_id", Value: bareID(n)}} }

func (d *mongoDriver) Insert(ctx context.Context, n int) error {
	_, err := d.bare().InsertOne(ctx, d.named(n))
	return err
}

func (d *mongoDriver) Replace(ctx context.Context, n int) error {
	_, err := d.bare().ReplaceOne(ctx, byNumber(n), d.named(n))
	return err
}

func (d *mongoDriver) Read(ctx context.Context, n int) error {
	_, err := d.bare().FindOne(ctx, byNumber(n)).Raw()
	return err
}

func (d *mongoDriver) Close() error { return d.client.Disconnect(context.Background()) }

func bareID(n int) string { return fmt.Sprintf("bare%022d", n) }

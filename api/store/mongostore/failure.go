package mongostore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/x/mongo/driver"

	"naober/matching/care"
)

// Waits between two tries of a lost race: a random part of a bound that doubles. The last bound
// lets fifty tries outlast the longest pile-up seen on one document without holding a caller long.
const (
	firstWait = 2 * time.Millisecond
	lastWait  = 100 * time.Millisecond
)

// failure turns an error of the driver into one of the ports'. A server that said no to this very
// operation is a fault, and comes back as it is. Everything else, an answer that was lost on its
// way included, means that nothing is known: care.Unavailable, and the same intent may come again.
// The cause stays in the chain, where the driver's labels are found with errors.As.
func failure(verb, where string, err error) error {
	switch {
	case err == nil:
		return nil
	case refused(err):
		return fmt.Errorf("mongostore: %s %s: %w", verb, where, err)
	}
	unavailable := care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
	return fmt.Errorf("mongostore: %s %s: %w: %w", verb, where, unavailable, err)
}

// refused reports whether the server, or the driver before it, judged the operation itself.
func refused(err error) bool {
	if errors.Is(err, driver.ErrDocumentTooLarge) {
		return true
	}
	var said mongo.ServerError
	if !errors.As(err, &said) || mongo.IsTimeout(err) || mongo.IsNetworkError(err) || unconfirmed(err) {
		return false
	}
	for _, label := range []string{"RetryableWriteError", "TransientTransactionError"} {
		if said.HasErrorLabel(label) {
			return false
		}
	}
	for _, code := range passingCodes() {
		if said.HasErrorCode(code) {
			return false
		}
	}
	return true
}

// unconfirmed reports whether a write may stand on this server but not yet on the majority.
func unconfirmed(err error) bool {
	var written mongo.WriteException
	if errors.As(err, &written) && written.WriteConcernError != nil {
		return true
	}
	var bulk mongo.BulkWriteException
	return errors.As(err, &bulk) && bulk.WriteConcernError != nil
}

// passingCodes lists the server's codes for a state that passes by itself, from the driver
// specification "Retryable Reads" and MongoDB's error_codes.yml. 1 is what servers that only speak
// the protocol answer while the database behind them is away.
func passingCodes() []int {
	return []int{
		1,     // InternalError
		6,     // HostUnreachable
		7,     // HostNotFound
		50,    // MaxTimeMSExpired
		64,    // WriteConcernTimeout
		89,    // NetworkTimeout
		91,    // ShutdownInProgress
		100,   // UnsatisfiableWriteConcern
		112,   // WriteConflict
		133,   // FailedToSatisfyReadPreference
		134,   // ReadConcernMajorityNotAvailableYet
		175,   // QueryPlanKilled
		189,   // PrimarySteppedDown
		262,   // ExceededTimeLimit
		9001,  // SocketException
		10107, // NotWritablePrimary
		11600, // InterruptedAtShutdown
		11601, // Interrupted
		11602, // InterruptedDueToReplStateChange
		13388, // StaleConfig
		13435, // NotPrimaryNoSecondaryOk
		13436, // NotPrimaryOrSecondary
	}
}

// wait lets a lost race pass, or ends with the context.
func wait(ctx context.Context, try int) error {
	bound := min(firstWait<<min(try, 10), lastWait)
	timer := time.NewTimer(rand.N(bound))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return failure("wait for", "its turn", ctx.Err())
	}
}

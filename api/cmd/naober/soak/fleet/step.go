package fleet

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
)

// Mode is what goes wrong besides the network.
type Mode string

// The modes.
const (
	Network Mode = "network"
	Clones  Mode = "clones"  // folders of devices are copied and put back
	Restore Mode = "restore" // the service comes back from a backup
	Kill    Mode = "kill"    // the service is a process of its own, which is killed
	Hand    Mode = "hand"    // bundles are carried between devices and the service
)

// Steps is how many a schedule has.
const Steps = 120

// Step is one thing that happens. Everything it draws comes from its own Draw, so that leaving another step out
// changes nothing in it.
type Step struct {
	Act  string `json:"act"`
	On   int    `json:"on"` // which device or account, counted round
	Draw uint64 `json:"draw"`
}

// Schedule is a whole run: what is played, and by what it is drawn.
type Schedule struct {
	Mode     Mode   `json:"mode"`
	Seed     uint64 `json:"seed"`
	Accounts int    `json:"accounts"`
	Steps    []Step `json:"steps"`
}

// chances are how often each act is drawn, in a mode.
func chances(m Mode) map[string]int {
	c := map[string]int{"do": 34, "sync": 30, "work": 16, "pass": 6, "begin": 3, "jump": 2, "deliver": 3,
		"pause": 1, "resume": 1, "grant": 2, "end": 1, "block": 1, "forget": 1, "crash": 1}
	switch m {
	case Clones:
		c["copy"], c["keep"], c["back"] = 3, 2, 3
	case Restore:
		c["save"], c["restore"], c["forget"] = 2, 2, 0
	case Hand:
		c["hand"] = 12
	case Kill:
		c = map[string]int{"do": 45, "sync": 40, "kill": 3, "begin": 3, "deliver": 3, "pause": 1, "grant": 1, "block": 1, "jump": 1}
	}
	return c
}

// acts in the order in which they are drawn: a map has none.
func acts() []string {
	return []string{"do", "sync", "work", "pass", "begin", "jump", "deliver", "pause", "resume", "grant", "end", "block", "forget", "crash",
		"copy", "keep", "back", "save", "restore", "kill", "hand"}
}

// Draw makes the schedule of a seed.
func Draw(m Mode, seed uint64) Schedule {
	dice := rand.New(rand.NewPCG(seed, 0))
	s := Schedule{Mode: m, Seed: seed, Accounts: 2 + dice.IntN(2)}
	chance, sum := chances(m), 0
	for _, n := range chance {
		sum += n
	}
	for range Steps {
		n, at := dice.IntN(sum), Step{On: dice.IntN(60), Draw: dice.Uint64() >> 11} // what JSON keeps whole
		for _, act := range acts() {
			if n -= chance[act]; n < 0 {
				at.Act = act
				break
			}
		}
		s.Steps = append(s.Steps, at)
	}
	return s
}

// ReadSchedule reads what Write wrote.
func ReadSchedule(file string) (Schedule, error) {
	var s Schedule
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err == nil && len(s.Steps) == 0 {
		err = fmt.Errorf("%s holds no steps", file)
	}
	return s, err
}

// Write keeps a schedule as a file.
func (s Schedule) Write(file string) error {
	raw, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(raw, '\n'), 0o600)
}

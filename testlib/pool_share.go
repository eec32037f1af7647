package testlib

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gotempest/tempest/internal/protocol"
)

// share is the free places of all processes of a run: a file for each, with the passwords and tokens of its users, in
// the folder that [protocol.EnvAccounts] names. Who renames the file has the place; there is no other lock. When
// the process dies, the file with the other name stays, and nobody uses the place again: it is removed at the
// end of the run, by what the ledger says.
type share struct {
	dir     string
	session *session
}

// newShare returns nil outside a run, and on the embedded cloud, which each process has for itself.
func newShare(s *session) (*share, error) {
	dir := os.Getenv(protocol.EnvAccounts)
	if dir == "" || s.Cloud.IsEmbedded {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for the accounts of the run: %w", err)
	}
	return &share{dir: dir, session: s}, nil
}

// sharedPlace is a place in a file.
type sharedPlace struct {
	Kind     kind            `json:"kind"`
	Base     Credential      `json:"base"`
	Network  bool            `json:"network,omitempty"`
	Accounts []sharedAccount `json:"accounts"`
}

type sharedAccount struct {
	Credential Credential  `json:"credential"`
	Key        string      `json:"key"`
	Spoiled    bool        `json:"spoiled,omitempty"`
	Token      *savedToken `json:"token,omitempty"`
}

// Endings of the names of files.
const (
	freeFile  = ".json"
	takenFile = ".taken"
)

// put lets the tests of all processes have p.
func (s *share) put(p *place) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := sharedPlace{Kind: p.kind, Base: p.base, Network: p.network}
	for _, a := range p.accounts {
		o.Accounts = append(o.Accounts, sharedAccount{
			Credential: a.Credential, Key: a.key, Spoiled: a.spoiled, Token: a.saved.Load(),
		})
	}
	data, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("sharing accounts: %w", err)
	}
	f, err := os.CreateTemp(s.dir, string(p.kind)+"-*.new") // with mode 0600
	if err != nil {
		return fmt.Errorf("sharing accounts: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), strings.TrimSuffix(f.Name(), ".new")+freeFile)
	}
	if err != nil {
		return fmt.Errorf("sharing accounts: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// take returns the free place of that kind that has most of what is wanted, or nil.
func (s *share) take(k kind, keys []string) (*place, error) {
	names, err := filepath.Glob(filepath.Join(s.dir, string(k)+"-*"+freeFile))
	if err != nil {
		return nil, fmt.Errorf("looking for accounts to share: %w", err)
	}
	for len(names) > 0 {
		best, most := 0, -1
		for i, name := range names {
			p, err := s.read(name)
			if n := 0; err == nil {
				if n = p.covers(keys); n > most {
					best, most = i, n
				}
			}
		}
		taken := strings.TrimSuffix(names[best], freeFile) + takenFile
		err := os.Rename(names[best], taken)
		names = slices.Delete(names, best, best+1)
		if errors.Is(err, fs.ErrNotExist) { // another was faster
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("taking shared accounts: %w", err)
		}
		p, err := s.read(taken)
		if err == nil {
			err = os.Remove(taken)
		}
		if err != nil {
			return nil, fmt.Errorf("taking shared accounts: %w", err)
		}
		return p, nil
	}
	return nil, nil
}

func (s *share) read(path string) (*place, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var o sharedPlace
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	p := &place{kind: o.Kind, base: o.Base, network: o.Network}
	for _, shared := range o.Accounts {
		a := &account{Credential: shared.Credential, kind: o.Kind, key: shared.Key, place: p, spoiled: shared.Spoiled}
		s.session.Secrets.Learn(a.Password)
		if shared.Token != nil {
			s.session.Secrets.Learn(shared.Token.ID)
			a.saved.Store(shared.Token)
		}
		p.accounts = append(p.accounts, a)
	}
	return p, nil
}

package accounts

import (
	"bytes"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// entry is an account as it stands in a file. Python Tempest takes domain_name beside a project for the domain of both
// the project and the user.
type entry struct {
	Username          string     `yaml:"username,omitempty"`
	UserID            string     `yaml:"user_id,omitempty"`
	Password          string     `yaml:"password"`
	ProjectName       string     `yaml:"project_name,omitempty"`
	ProjectID         string     `yaml:"project_id,omitempty"`
	DomainName        string     `yaml:"domain_name,omitempty"`
	DomainID          string     `yaml:"domain_id,omitempty"`
	System            string     `yaml:"system,omitempty"`
	UserDomainName    string     `yaml:"user_domain_name,omitempty"`
	UserDomainID      string     `yaml:"user_domain_id,omitempty"`
	ProjectDomainName string     `yaml:"project_domain_name,omitempty"`
	ProjectDomainID   string     `yaml:"project_domain_id,omitempty"`
	Roles             []string   `yaml:"roles,omitempty,flow"`
	Types             []string   `yaml:"types,omitempty,flow"`
	Resources         *resources `yaml:"resources,omitempty"`
}

type resources struct {
	Network string `yaml:"network"`
}

// Write writes accounts so that [Parse] and Python Tempest read them. head is a comment before them.
func Write(w io.Writer, head string, list []Account) error {
	var b bytes.Buffer
	for _, line := range bytes.Split([]byte(head), []byte("\n")) {
		if len(line) > 0 {
			fmt.Fprintf(&b, "# %s\n", line)
		}
	}
	entries := make([]entry, 0, len(list))
	for _, a := range list {
		e := entry{
			Username: a.Username, UserID: a.UserID, Password: a.Password,
			ProjectName: a.Project.Name, ProjectID: a.Project.ID, DomainName: a.Domain.Name, DomainID: a.Domain.ID,
			UserDomainName: a.UserDomain.Name, UserDomainID: a.UserDomain.ID,
			ProjectDomainName: a.ProjectDomain.Name, ProjectDomainID: a.ProjectDomain.ID,
			Roles: a.Roles, Types: a.Types,
		}
		if a.System {
			e.System = "all"
		}
		if a.Network != "" {
			e.Resources = &resources{Network: a.Network}
		}
		entries = append(entries, e)
	}
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(indent)
	if err := encoder.Encode(entries); err != nil {
		return fmt.Errorf("writing accounts: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

const indent = 2 // spaces

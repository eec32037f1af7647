package gocmd

import (
	"slices"
	"strings"
)

// Secrets returns the variables of env that hold secrets of a cloud: passwords, tokens and the like in OS_* and
// TEMPEST_*. No go command gets them, because compilers, linkers and what else it starts have no use for them;
// tests must be given them in another way.
func Secrets(env []string) []string {
	var secrets []string
	for _, kv := range env {
		if isSecret(kv) {
			secrets = append(secrets, kv)
		}
	}
	return secrets
}

// WithoutSecrets returns env without what [Secrets] are.
func WithoutSecrets(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), isSecret)
}

// secretWords are those in names of variables with secrets, as OS_APPLICATION_CREDENTIAL_SECRET and an API_KEY of a
// plugin. It does no harm when a name has one and the value is no secret.
func secretWords() []string {
	return []string{"PASS", "SECRET", "TOKEN", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY"}
}

func isSecret(kv string) bool {
	name, _, _ := strings.Cut(kv, "=")
	name = strings.ToUpper(name)
	if !strings.HasPrefix(name, "OS_") && !strings.HasPrefix(name, "TEMPEST_") {
		return false
	}
	return slices.ContainsFunc(secretWords(), func(word string) bool { return strings.Contains(name, word) })
}

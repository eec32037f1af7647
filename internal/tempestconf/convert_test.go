package tempestconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/gotempest/tempest/internal/option"
	"github.com/gotempest/tempest/testlib/config"
)

// known returns the options of tempest and of a plugin.
func known(tb testing.TB) []option.Group {
	tb.Helper()
	core, err := config.CoreGroups()
	if err != nil {
		tb.Fatal(err)
	}
	return option.Merge(core, []option.Group{{Name: "key_manager", Options: []option.Option{
		{Name: "max_payload", Type: "int", Max: "20000"},
		{Name: "region", Type: "string", Renamed: []string{"barbican.region"}},
		{Name: "modes", Type: "[]string", Choices: []string{"cbc", "ctr"}},
		{Name: "ratio", Type: "float"},
	}}, {Name: "list", List: true, Options: []option.Option{{Name: "name", Type: "string"}}}})
}

// convert returns the TOML without its first lines, and what is left out, a line each.
func convert(t *testing.T, text string) (toml, left, clouds string) {
	t.Helper()
	r, problems := Convert(text, Options{File: "t.conf", Groups: known(t), Cloud: "mine"})
	if problems != nil {
		t.Fatalf("Convert of %q: %v", text, problems)
	}
	_, toml, _ = strings.Cut(string(r.TOML), "\n")
	var lines []string
	for _, p := range r.Left {
		lines = append(lines, p.Message)
	}
	return strings.TrimSpace(toml), strings.Join(lines, "\n"), string(r.Clouds)
}

// samples reads a file of texts, each with what becomes of it behind a line "=>", and "====" between them.
func samples(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for sample := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n"), "\n====\n") {
		text, want, ok := strings.Cut(sample, "\n=>\n")
		if !ok {
			t.Fatalf("%s: no => in %q", file, sample)
		}
		all[text] = want
	}
	return all
}

func TestConvertTakesFilesOfWindows(t *testing.T) {
	t.Parallel()
	toml, left, _ := convert(t, "\ufeff[image]\r\nregion = a\r\n")

	if want := "[image]\nregion = \"a\"  # t.conf:2"; toml != want || left != "" {
		t.Errorf("toml = %q, want %q; left %q", toml, want, left)
	}
}

func TestConvertTakesValuesOver(t *testing.T) {
	t.Parallel()
	for text, want := range samples(t, "taken.txt") {
		if toml, left, _ := convert(t, text); toml != want || left != "" && !strings.Contains(left, "DEFAULT.where") {
			t.Errorf("Convert of %q (-want +got)\n%s\nleft: %s", text, cmp.Diff(want, toml), left)
		}
	}
}

func TestConvertSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	for text, want := range samples(t, "left.txt") {
		if _, left, _ := convert(t, text); left != want {
			t.Errorf("Convert of %q (-want +got)\n%s", text, cmp.Diff(want, left))
		}
	}
}

func TestConvertMakesAnEntryOfCloudsYAML(t *testing.T) {
	t.Parallel()
	toml, left, clouds := convert(t, "[identity]\nuri_v3 = https://c/v3\ndisable_ssl_certificate_validation = true\n"+
		"ca_certificates_file = /ca.pem\n[auth]\nadmin_username = a\nadmin_password = 'p\"w'\n"+
		"admin_project_name = p\nadmin_domain_name = D\nadmin_project_domain_name = P\n")

	if want := "[auth]\ncloud = \"mine\"  # the entry of clouds.yaml"; toml != want || left != "" {
		t.Errorf("toml = %q, want %q; left %q", toml, want, left)
	}
	want := `# Made from t.conf by tempest config import.
clouds:
  "mine":
    auth:
      auth_url: "https://c/v3"
      username: "a"
      password: "p\"w"
      project_name: "p"
      user_domain_name: "D"
      project_domain_name: "P"
    cacert: "/ca.pem"
    verify: false
`
	if diff := cmp.Diff(want, clouds); diff != "" {
		t.Errorf("clouds.yaml (-want +got)\n%s", diff)
	}
}

func TestConvertNamesEveryLineThatCannotBeRead(t *testing.T) {
	t.Parallel()
	text := "first = 1\n  continued\n[open\n[]\n[a]\nnothing\n= 1\nb = 2\n\n  late\nc = 3\n  more\n# ends\n  not more\n"

	_, got := Convert(text, Options{})

	want := []Problem{
		{1, "first stands before the first [section]"},
		{2, "a line that begins with a space continues a value, and there is none before it"},
		{3, "a section ends with ]"},
		{4, "a section has a name"},
		{6, "neither a [section] nor key = value"},
		{7, "there is no key before the ="},
		{10, "a line that begins with a space continues a value, and there is none before it"},
		{14, "a line that begins with a space continues a value, and there is none before it"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got)\n%s", diff)
	}
}

// Every name in the tables leads somewhere, and no reason stands in the way of an option.
func TestTablesAreRight(t *testing.T) {
	t.Parallel()
	options := index(known(t))
	for from, to := range renamed() {
		if _, ok := options[to]; !ok {
			t.Errorf("%s is to become %s, which is no option", from, to)
		}
		if reasons()[from] != "" {
			t.Errorf("%s becomes %s, and has a reason not to", from, to)
		}
	}
	for name := range reasons() {
		if _, ok := options[name]; ok {
			t.Errorf("%s has a reason to be left out, and is an option", name)
		}
	}
}

// FuzzConvert checks that any text gives problems with their lines, or a tempest.toml without mistakes.
func FuzzConvert(f *testing.F) {
	for _, s := range []string{
		"[compute]\nimage_ref = x\nbuild_timeout = 5\n", "[a]\nb = c\n  d\n\n  e\n", "[image]\nregion = $region\n",
		"[image]\nregion = \"\n[auth]\ntempest_roles = ',\\,\x7f\n",
		"[identity]\nuri_v3=u\n[auth]\nadmin_username=${identity.uri_v3}\n",
		"[key_manager]\nratio = nan\nmax_payload = 1\nmodes = cbc\n",
		"[validation]\nping_size = 1e3\nip_version_for_ssh = 6\n", "]=[\n",
	} {
		f.Add(s)
	}
	groups := known(f)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		r, problems := Convert(text, Options{File: "f\n", Groups: groups, Cloud: "c"})
		for _, p := range append(problems, r.Left...) {
			if p.Line < 1 || p.Line > lines || strings.ContainsFunc(p.Message, unicode.IsControl) {
				t.Fatalf("line %d of %d: %q", p.Line, lines, p.Message)
			}
		}
		if problems != nil {
			return
		}
		path := filepath.Join(dir, "tempest.toml")
		if err := os.WriteFile(path, r.TOML, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load[config.Core](config.Options{Path: path, Env: []string{}}); err != nil {
			t.Fatalf("%s\n%s", err, r.TOML)
		}
	})
}

package schema_test

import (
	"fmt"
	"net/http"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/schema"
)

func ExampleParse() {
	server, err := schema.Parse(`{
		"type": "object",
		"properties": {"id": {"type": "string", "format": "uuid"}, "status": {"enum": ["ACTIVE", "ERROR"]}},
		"required": ["id", "status"]
	}`)
	if err != nil {
		panic(err)
	}
	fmt.Println(server.Validate([]byte(`{"id": 7}`)))
	// Output:
	// it does not fit schema given as text:
	//   /: missing property 'status'
	//   /id: got number, want string
}

// In a test the set goes to Env.Validate, which has it check every answer that a client gets.
func ExampleSet_Check() {
	answers, err := schema.New(nil, schema.Rule{
		Service: "compute", Method: "GET", Path: "/servers/*", MinVersion: "2.73",
		Body: `{"properties": {"server": {"required": ["locked_reason"]}}}`,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(answers.Check(testlib.Answer{
		Service: "compute", Method: "GET", Path: "/servers/7", Microversion: "2.90", Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"server": {"id": "7"}}`),
	}))
	// Output:
	// it does not fit schema of compute GET /servers/* in 2.73…:
	//   /server: missing property 'locked_reason'
}

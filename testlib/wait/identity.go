package wait

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
)

// TokenRevoked waits until a token is refused by the identity service. Revocation is at once on one
// node, and reaches the caches of others later. The client must have another token, to ask with. The token is in
// no error and no log.
func TokenRevoked(ctx context.Context, identity *gophercloud.ServiceClient, token string, o Options) error {
	_, err := For(ctx, Poll[struct{}, string]{
		What: "the token", Want: []string{"revoked"}, NotFound: "revoked",
		Get: func(ctx context.Context) (struct{}, error) {
			_, err := identity.Head(ctx, identity.ServiceURL("auth", "tokens"), &gophercloud.RequestOpts{
				MoreHeaders: map[string]string{"X-Subject-Token": token},
				OkCodes:     []int{http.StatusOK, http.StatusNoContent},
			})
			return struct{}{}, err
		},
		State: func(struct{}) string { return "valid" },
	}, o)
	return err
}

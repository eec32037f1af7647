package resource

// Ranks: what uses something has a lower one than that. Between two there is room for those of plugins.
const (
	rankStack         = 100 // removes what it made
	rankLoadBalancer  = 120
	rankLBPart        = 130 // shared by load balancers: flavors, profiles
	rankRecordSet     = 140
	rankZone          = 150
	rankShareSnapshot = 160
	rankShare         = 170
	rankShareNetwork  = 180
	rankAttachment    = 190
	rankServer        = 200
	rankServerGroup   = 210
	rankKeypair       = 220
	rankAggregate     = 230
	rankFloatingIP    = 300
	rankRouterPort    = 310
	rankTrunk         = 315
	rankRouter        = 320
	rankNetPart       = 330 // rules of what follows
	rankPort          = 340
	rankSubnet        = 350
	rankNetwork       = 360
	rankNetBase       = 370 // what networks use: pools, scopes, groups, policies
	rankNetBaseBelow  = 375 // what that uses
	rankTransfer      = 400
	rankBackup        = 405
	rankGroupSnapshot = 408
	rankSnapshot      = 410
	rankVolume        = 420
	rankVolumeGroup   = 425
	rankVolumeType    = 430
	rankVolumeBase    = 435
	rankImage         = 440
	rankImageMeta     = 445
	rankAllocation    = 450
	rankProvider      = 455
	rankProviderBase  = 460
	rankObject        = 500
	rankContainer     = 510
	rankSecretGroup   = 520
	rankSecret        = 530
	rankFlavor        = 600
	rankDelegation    = 700 // trusts, application credentials
	rankCatalogPart   = 710
	rankService       = 720
	rankRegion        = 725
	rankFederation    = 730
	rankLimit         = 735
	rankLimitBase     = 740
	rankUser          = 750
	rankGroup         = 760
	rankProject       = 770
	rankRole          = 780
	rankDomain        = 790
)

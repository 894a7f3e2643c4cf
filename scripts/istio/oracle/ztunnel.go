package main

import (
	"net/netip"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"
)

// peer is who comes: without an identity where nothing proves it.
type peer struct {
	principal, namespace, serviceAccount string
	address                              string
	port                                 int
	destination                          string
	// sni is the name that its TLS asks for; empty where that is not known.
	sni string
}

// admission tells whether ztunnel takes plaintext on a port, by the policies that istiod makes of PeerAuthentications.
func (w *world) admission(server *workload, port int) string {
	if server.annotations["ambient.istio.io/bypass-inbound-capture"] == "true" {
		return "UNCAPTURED"
	}
	for _, policy := range w.ztunnelPolicies(server) {
		if converted(policy) && matches(policy, peer{port: port}) {
			return "STRICT"
		}
	}
	return "PERMISSIVE"
}

func converted(policy *security.Authorization) bool {
	return policy.Name == "istio_converted_static_strict" || strings.HasPrefix(policy.Name, "converted_peer_authentication_")
}

// ztunnelPolicies are those that ztunnel applies to a workload: of the mesh, of its namespace, and those that it names.
func (w *world) ztunnelPolicies(server *workload) []*security.Authorization {
	told := w.ambient(server)
	var found []*security.Authorization
	for _, policy := range w.istiod.AmbientIndex.Policies(nil) {
		authorization := policy.Authorization
		switch authorization.Scope {
		case security.Scope_GLOBAL:
			found = append(found, authorization)
		case security.Scope_NAMESPACE:
			if authorization.Namespace == server.namespace {
				found = append(found, authorization)
			}
		case security.Scope_WORKLOAD_SELECTOR:
			if slices.Contains(told.GetAuthorizationPolicies(), authorization.Namespace+"/"+authorization.Name) {
				found = append(found, authorization)
			}
		}
	}
	return found
}

// matches is ztunnel's own evaluation: groups are OR-ed, rules of a group AND-ed, matches of a rule OR-ed. A match that says
// nothing is skipped.
func matches(policy *security.Authorization, who peer) bool {
	if policy.DryRun {
		return false
	}
	return slices.ContainsFunc(policy.Groups, func(group *security.Group) bool {
		for _, rules := range group.Rules {
			if !slices.ContainsFunc(rules.Matches, func(m *security.Match) bool { return !proto.Equal(m, &security.Match{}) && matchHolds(m, who) }) {
				return false
			}
		}
		return true
	})
}

func matchHolds(m *security.Match, who peer) bool {
	return anyOf(m.Namespaces, func(s *security.StringMatch) bool { return stringHolds(s, who.namespace) }) &&
		noneOf(m.NotNamespaces, func(s *security.StringMatch) bool { return stringHolds(s, who.namespace) }) &&
		anyOf(m.Principals, func(s *security.StringMatch) bool { return stringHolds(s, who.principal) }) &&
		noneOf(m.NotPrincipals, func(s *security.StringMatch) bool { return stringHolds(s, who.principal) }) &&
		anyOf(m.ServiceAccounts, func(s *security.ServiceAccountMatch) bool { return accountHolds(s, who) }) &&
		noneOf(m.NotServiceAccounts, func(s *security.ServiceAccountMatch) bool { return accountHolds(s, who) }) &&
		anyOf(m.SourceIps, func(a *security.Address) bool { return addressHolds(a, who.address) }) &&
		noneOf(m.NotSourceIps, func(a *security.Address) bool { return addressHolds(a, who.address) }) &&
		anyOf(m.DestinationIps, func(a *security.Address) bool { return addressHolds(a, who.destination) }) &&
		noneOf(m.NotDestinationIps, func(a *security.Address) bool { return addressHolds(a, who.destination) }) &&
		anyOf(m.DestinationPorts, func(port uint32) bool { return int(port) == who.port }) &&
		noneOf(m.NotDestinationPorts, func(port uint32) bool { return int(port) == who.port })
}

func anyOf[T any](wanted []T, holds func(T) bool) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, holds)
}

func noneOf[T any](unwanted []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(unwanted, holds)
}

func accountHolds(wanted *security.ServiceAccountMatch, who peer) bool {
	return who.principal != "" && wanted.ServiceAccount == who.serviceAccount && (wanted.Namespace == who.namespace)
}

func stringHolds(wanted *security.StringMatch, value string) bool {
	if value == "" {
		return false
	}
	switch kind := wanted.MatchType.(type) {
	case *security.StringMatch_Exact:
		return value == kind.Exact
	case *security.StringMatch_Prefix:
		return strings.HasPrefix(value, kind.Prefix)
	case *security.StringMatch_Suffix:
		return strings.HasSuffix(value, kind.Suffix)
	case *security.StringMatch_Presence:
		return true
	}
	return false
}

func addressHolds(wanted *security.Address, address string) bool {
	base, ok := netip.AddrFromSlice(wanted.Address)
	ip, err := netip.ParseAddr(address)
	return ok && err == nil && netip.PrefixFrom(base, int(wanted.Length)).Contains(ip)
}

// tunnelled is what ztunnel sends: it asks for nothing but whether the server's workload takes a tunnel.
func (w *world) tunnelled(to target) sent {
	if found := w.ambient(to.server); found != nil && found.TunnelProtocol == workloadapi.TunnelProtocol_HBONE {
		return sent{mode: "HBONE"}
	}
	return sent{mode: "ZT_PLAINTEXT"}
}

// ambient is the server as ztunnel is told of it.
func (w *world) ambient(server *workload) *workloadapi.Workload {
	if w.istiod.AmbientIndex == nil {
		return nil
	}
	for _, address := range w.istiod.AmbientIndex.All() {
		if found := address.GetWorkload(); found != nil && found.Namespace == server.namespace && found.Name == server.name {
			return found
		}
	}
	return nil
}

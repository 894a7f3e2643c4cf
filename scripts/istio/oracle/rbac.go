package main

import (
	"net/netip"
	"regexp"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	httprbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	tcprbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"

	"istio.io/istio/pilot/test/xdstest"
)

// truth is what is known of a condition: some ask for what a request says.
type truth int

const (
	no truth = iota
	depends
	yes
)

func truthOf(holds bool) truth {
	if holds {
		return yes
	}
	return no
}

func not(t truth) truth { return yes - t }

func all[T any](of []T, holds func(T) truth) truth {
	found := yes
	for _, one := range of {
		found = min(found, holds(one))
	}
	return found
}

func some[T any](of []T, holds func(T) truth) truth {
	found := no
	for _, one := range of {
		found = max(found, holds(one))
	}
	return found
}

// rulesOf are the policies that a chain enforces, in their order.
func rulesOf(test *failer, chain *listenerv3.FilterChain) []*rbacv3.RBAC {
	var found []*rbacv3.RBAC
	for _, filter := range chain.GetFilters() {
		var typed tcprbacv3.RBAC
		if filter.GetTypedConfig().MessageIs(&typed) {
			must(filter.GetTypedConfig().UnmarshalTo(&typed))
			found = append(found, typed.Rules)
		}
	}
	manager := xdstest.ExtractHTTPConnectionManager(test, chain)
	for _, filter := range manager.GetHttpFilters() {
		var typed httprbacv3.RBAC
		if filter.GetTypedConfig().MessageIs(&typed) {
			must(filter.GetTypedConfig().UnmarshalTo(&typed))
			found = append(found, typed.Rules)
		}
	}
	return found
}

// admits tells whether Envoy lets a peer through all of the rules.
func admits(rules []*rbacv3.RBAC, who peer) truth {
	return all(rules, func(rbac *rbacv3.RBAC) truth {
		matched := no
		for _, policy := range rbac.GetPolicies() {
			permitted := some(policy.Permissions, func(p *rbacv3.Permission) truth { return permission(p, who) })
			matched = max(matched, min(permitted, some(policy.Principals, func(p *rbacv3.Principal) truth { return principal(p, who) })))
		}
		switch {
		case rbac == nil || rbac.Action == rbacv3.RBAC_LOG:
			return yes
		case rbac.Action == rbacv3.RBAC_DENY:
			return not(matched)
		}
		return matched
	})
}

func permission(p *rbacv3.Permission, who peer) truth {
	switch rule := p.Rule.(type) {
	case *rbacv3.Permission_Any:
		return truthOf(rule.Any)
	case *rbacv3.Permission_AndRules:
		return all(rule.AndRules.Rules, func(p *rbacv3.Permission) truth { return permission(p, who) })
	case *rbacv3.Permission_OrRules:
		return some(rule.OrRules.Rules, func(p *rbacv3.Permission) truth { return permission(p, who) })
	case *rbacv3.Permission_NotRule:
		return not(permission(rule.NotRule, who))
	case *rbacv3.Permission_DestinationPort:
		return truthOf(int(rule.DestinationPort) == who.port)
	case *rbacv3.Permission_RequestedServerName:
		if who.sni != "" {
			return truthOf(text(rule.RequestedServerName, who.sni))
		}
	case *rbacv3.Permission_DestinationIp:
		return truthOf(inRange(rule.DestinationIp, who.destination))
	}
	return depends
}

func principal(p *rbacv3.Principal, who peer) truth {
	switch id := p.Identifier.(type) {
	case *rbacv3.Principal_Any:
		return truthOf(id.Any)
	case *rbacv3.Principal_AndIds:
		return all(id.AndIds.Ids, func(p *rbacv3.Principal) truth { return principal(p, who) })
	case *rbacv3.Principal_OrIds:
		return some(id.OrIds.Ids, func(p *rbacv3.Principal) truth { return principal(p, who) })
	case *rbacv3.Principal_NotId:
		return not(principal(id.NotId, who))
	case *rbacv3.Principal_Authenticated_:
		return truthOf(who.principal != "" && text(id.Authenticated.PrincipalName, "spiffe://"+who.principal))
	case *rbacv3.Principal_FilterState:
		return truthOf(who.principal != "" && text(id.FilterState.GetStringMatch(), "spiffe://"+who.principal))
	case *rbacv3.Principal_DirectRemoteIp:
		return truthOf(inRange(id.DirectRemoteIp, who.address))
	case *rbacv3.Principal_RemoteIp:
		return truthOf(inRange(id.RemoteIp, who.address))
	}
	return depends
}

func inRange(cidr *corev3.CidrRange, address string) bool {
	base, err := netip.ParseAddr(cidr.AddressPrefix)
	must(err)
	ip, err := netip.ParseAddr(address)
	return err == nil && netip.PrefixFrom(base, int(cidr.PrefixLen.GetValue())).Contains(ip)
}

func text(wanted *matcherv3.StringMatcher, value string) bool {
	switch pattern := wanted.GetMatchPattern().(type) {
	case *matcherv3.StringMatcher_Exact:
		return value == pattern.Exact
	case *matcherv3.StringMatcher_Prefix:
		return strings.HasPrefix(value, pattern.Prefix)
	case *matcherv3.StringMatcher_Suffix:
		return strings.HasSuffix(value, pattern.Suffix)
	case *matcherv3.StringMatcher_SafeRegex:
		return regexp.MustCompile("^(?:" + pattern.SafeRegex.Regex + ")$").MatchString(value)
	case *matcherv3.StringMatcher_Contains:
		return strings.Contains(value, pattern.Contains)
	}
	return false
}

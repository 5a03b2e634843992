using System.Collections.Immutable;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Validation;

/// <summary>
/// Reads <c>tls</c> and <c>sasl</c> of a connector's <c>config</c>: short names of librdkafka's properties, which they become. Checks also what the properties say of it
/// themselves.
/// </summary>
internal static class KafkaSecurity
{
    private const string Protocol = "security.protocol";

    /// <param name="given"><c>properties</c> as written; null where there are none.</param>
    /// <param name="properties">What was read of them; the short names are added.</param>
    public static void Read(ObjectReader kafka, Node? given, ImmutableSortedDictionary<string, string>.Builder properties, LoadContext context)
    {
        Node? tls = kafka.Object("tls"), sasl = kafka.Object("sasl");
        var target = new Target(given, properties, context);
        if (tls is not null)
            ReadTls(tls, target, context);
        if (sasl is not null)
            KafkaSasl.Read(sasl, target, context);
        if (tls is not null || sasl is not null)
            SetProtocol(tls, given, properties, context);
        Check(kafka, tls, sasl, given, properties, context);
    }

    private static void ReadTls(Node node, Target target, LoadContext context)
    {
        KeyCheck.Known(node, KeySection.KafkaTls, context);
        var reader = new ObjectReader(node, KeySection.KafkaTls, context);
        string? cert = TlsReader.ExistingFile(reader, "cert_file", context), key = TlsReader.ExistingFile(reader, "key_file", context);
        target.Set(reader, "ca_file", TlsReader.ExistingFile(reader, "ca_file", context), "ssl.ca.location", "ssl.ca.pem", "ssl.ca.certificate.stores");
        target.Set(reader, "cert_file", cert, "ssl.certificate.location", "ssl.certificate.pem", "ssl.keystore.location");
        target.Set(reader, key is null ? "cert_file" : "key_file", key ?? cert, "ssl.key.location", "ssl.key.pem", "ssl.keystore.location");
        target.Set(reader, "key_password", reader.Text("key_password")?.Value, "ssl.key.password");
        if (key is not null && reader.Find("cert_file") is null)
            context.Fault(reader.Find("key_file")!, "a key without a certificate", "add cert_file");
        if (reader.Flag("verify_hostname") == false)
            target.Set(reader, "verify_hostname", "none", "ssl.endpoint.identification.algorithm");
        if (reader.Flag("insecure") == true)
            target.Set(reader, "insecure", "false", "enable.ssl.certificate.verification");
    }

    private static void SetProtocol(Node? tls, Node? given, ImmutableSortedDictionary<string, string>.Builder properties, LoadContext context)
    {
        if (given?.Find(Protocol) is { } protocol)
            context.FaultWithoutValue(protocol, "it follows from \"tls\" and \"sasl\"", "remove it");
        bool login = properties.ContainsKey("sasl.mechanism") || properties.ContainsKey("sasl.mechanisms");
        properties[Protocol] = tls is null ? "sasl_plaintext" : login ? "sasl_ssl" : "ssl";
        foreach (Node member in tls is null && given is not null ? given.Members : [])
        {
            if (!member.Name!.StartsWith("ssl.", StringComparison.Ordinal))
                continue;
            context.FaultWithoutValue(member, "has no effect without TLS", "add \"tls\": {} beside \"sasl\"");
            return;
        }
    }

    /// <summary>What weakens the connection is said at each start, in whichever way it was written.</summary>
    private static void Check(ObjectReader kafka, Node? tls, Node? sasl, Node? given, ImmutableSortedDictionary<string, string>.Builder properties, LoadContext context)
    {
        bool encrypted = properties.TryGetValue(Protocol, out string? protocol) && protocol.EndsWith("ssl", StringComparison.OrdinalIgnoreCase);
        if (encrypted && KafkaVerification.IsOff(properties.GetValueOrDefault("enable.ssl.certificate.verification")) && Place("insecure", tls, "enable.ssl.certificate.verification") is { } any)
            context.Warn(any, "any certificate is accepted: who stands in between can read and change all records", "name the authority in ca_file");
        else if (encrypted && KafkaVerification.TakesAnyName(properties.GetValueOrDefault("ssl.endpoint.identification.algorithm")) && Place("verify_hostname", tls, "ssl.endpoint.identification.algorithm") is { } name)
            context.Warn(name, "a certificate of any name is accepted: who has another one of the same authority can stand in between", "name the brokers as their certificates do");
        if (KafkaTokenProperties.IsAsked(properties) && sasl is null)
            CheckToken(kafka.Node, properties, context);
        if (properties.GetValueOrDefault(KafkaTokenProperties.Url) is { } url && KafkaTokenProperties.TryUrl(url, out Uri? at) && at.Scheme == Uri.UriSchemeHttp && !at.IsLoopback
            && Place("token_url", sasl, KafkaTokenProperties.Url) is { } token)
            context.WarnWithoutValue(token, "the client's secret is sent in the clear: anyone on the way can read it", "write https://");
        bool readable = properties.GetValueOrDefault("sasl.mechanism") is "PLAIN" or "OAUTHBEARER" || properties.GetValueOrDefault("sasl.mechanisms") is "PLAIN" or "OAUTHBEARER";
        if (!encrypted && readable && !IsLocal(kafka.Find("bootstrap_servers")?.Value ?? "") && (Place("mechanism", sasl, "sasl.mechanism") ?? given?.Find("sasl.mechanisms")) is { } mechanism)
            context.Warn(mechanism, "the login is sent in the clear: anyone on the way can read it", sasl is null ? "set security.protocol to SASL_SSL" : "add \"tls\": {}");

        Node? Place(string shortName, Node? section, string property) => section?.Find(shortName) ?? given?.Find(property);
    }

    /// <summary>Written in properties alone, where no key is required by itself.</summary>
    private static void CheckToken(Node config, ImmutableSortedDictionary<string, string>.Builder properties, LoadContext context)
    {
        foreach (string name in (ReadOnlySpan<string>)[KafkaTokenProperties.Url, KafkaTokenProperties.ClientId, KafkaTokenProperties.ClientSecret])
        {
            if (properties.ContainsKey(name) || config.Find("properties")?.Find(name) is not null)
                continue;
            context.FaultWithoutValue(config, $"OAUTHBEARER without {name}", "write token_url, client_id and client_secret in \"sasl\"");
            return;
        }
    }

    private static bool IsLocal(string servers)
    {
        foreach (string server in servers.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!server.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) && !server.StartsWith("127.", StringComparison.Ordinal) && !server.StartsWith("[::1]:", StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>Where short names go.</summary>
    internal sealed class Target(Node? given, ImmutableSortedDictionary<string, string>.Builder properties, LoadContext context)
    {
        /// <summary>A value under its property's name; that the same is said in <c>properties</c> too is a fault.</summary>
        /// <param name="others">Other properties that say the same.</param>
        public void Set(ObjectReader reader, string name, string? value, string property, params ReadOnlySpan<string> others)
        {
            if (value is null)
                return;
            foreach (string other in (ReadOnlySpan<string>)[property, .. others])
            {
                if (given?.Find(other) is null)
                    continue;
                context.FaultWithoutValue(reader.Find(name)!, $"properties have \"{other}\" as well", "remove one");
                return;
            }

            properties[property] = value;
        }
    }
}

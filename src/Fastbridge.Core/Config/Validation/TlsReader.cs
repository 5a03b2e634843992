using System.Collections.Immutable;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>mqtt.tls</c>.</summary>
public static class TlsReader
{
    internal static MqttTlsOptions? Read(ObjectReader mqtt, LoadContext context)
    {
        if (mqtt.Object("tls") is not { } node)
            return null;
        var reader = new ObjectReader(node, KeySection.Tls, context);
        var tls = new MqttTlsOptions
        {
            CaFile = ExistingFile(reader, "ca_file", context),
            CertFile = ExistingFile(reader, "cert_file", context),
            KeyFile = ExistingFile(reader, "key_file", context),
            KeyPassword = reader.Text("key_password")?.Value,
            ServerName = reader.Text("server_name")?.Value,
            Fingerprints = Fingerprints(reader, context),
            OnlyTls13 = reader.Choice("min_version") == "1.3",
            Alpn = Alpn(reader, context),
            Insecure = reader.Flag("insecure") ?? false,
        };
        if (tls.KeyFile is not null && reader.Find("cert_file") is null)
            context.Fault(reader.Find("key_file")!, "a key without a certificate", "add cert_file");
        if (tls.Insecure && !tls.Fingerprints.IsEmpty)
            context.Fault(reader.Find("insecure")!, "any certificate is accepted, so the fingerprint is not looked at", "remove insecure");
        else if (tls.Insecure)
            context.Warn(reader.Find("insecure")!, "any certificate is accepted: who stands in between can read and change all messages", "name the authority in ca_file");
        return tls with { FilesDigest = context.Files.Digest(tls.CaFile, tls.CertFile, tls.KeyFile) };
    }

    /// <summary>64 hexadecimal digits, bare or in pairs with colons between, as browsers and openssl show them; in capitals, or null.</summary>
    public static string? Fingerprint(string text)
    {
        string digits = text.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit) ? digits : null;
    }

    private static ImmutableArray<string> Fingerprints(ObjectReader reader, LoadContext context)
    {
        ImmutableArray<string>.Builder all = ImmutableArray.CreateBuilder<string>();
        foreach ((Node node, Resolved text) in reader.Texts("fingerprint"))
        {
            if (Fingerprint(text.Value) is { } digits)
                all.Add(digits);
            else
                context.Fault(node, "no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons", "openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE shows it");
        }

        return all.ToImmutable();
    }

    private static ImmutableArray<string> Alpn(ObjectReader reader, LoadContext context)
    {
        ImmutableArray<string>.Builder all = ImmutableArray.CreateBuilder<string>();
        foreach ((Node node, Resolved text) in reader.Texts("alpn"))
        {
            if (System.Text.Encoding.UTF8.GetByteCount(text.Value) > 255)
                context.Fault(node, "a protocol's name has 255 bytes at most");
            else
                all.Add(text.Value);
        }

        return all.ToImmutable();
    }

    /// <summary>A path relative to the connectors file. It is read at each connect; that it is there now finds the misspelt ones.</summary>
    internal static string? ExistingFile(ObjectReader reader, string name, LoadContext context)
    {
        if (reader.Text(name) is not { } path)
            return null;
        Node node = reader.Find(name)!;
        string full = context.PathBeside(path.Value);
        if (Directory.Exists(full))
            context.Fault(node, "is a folder", "name the PEM file in it");
        else if (!File.Exists(full))
            context.Fault(node, "there is no such file", "relative paths begin beside the connectors file");
        return full;
    }
}

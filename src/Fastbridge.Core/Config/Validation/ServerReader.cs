using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>mqtt.server</c> and <c>mqtt.tls</c>: where to connect, and whether encrypted.</summary>
internal static class ServerReader
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    public static (string Host, int Port, MqttTlsOptions? Tls) Read(ObjectReader mqtt, LoadContext context)
    {
        MqttTlsOptions? tls = Tls(mqtt, context);
        var address = new ServerAddress("localhost", null, null);
        if (mqtt.Text("server") is { } server)
        {
            Node node = mqtt.Find("server")!;
            if (!ServerAddress.TryParse(server.Value, out address, out string? fault, out string? remedy))
            {
                if (server.IsSecret || server.Value.Contains('@', StringComparison.Ordinal))
                    context.FaultWithoutValue(node, fault!, remedy);
                else
                    context.Fault(node, fault!, remedy);
            }
            else if (address.IsTls == false && tls is not null && !server.Value.Contains('@', StringComparison.Ordinal))
            {
                context.Warn(node, "TLS is used, as there is a \"tls\" object", "write mqtts:// to say so, or \"tls\": null for none");
            }
        }

        if (address.IsTls == true)
            tls ??= new MqttTlsOptions();
        return (address.Host, address.Port ?? (tls is null ? PlainPort : TlsPort), tls);
    }

    private static MqttTlsOptions? Tls(ObjectReader mqtt, LoadContext context)
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
            Insecure = reader.Flag("insecure") ?? false,
        };
        if (tls.KeyFile is not null && reader.Find("cert_file") is null)
            context.Fault(reader.Find("key_file")!, "a key without a certificate", "add cert_file");
        if (tls.Insecure)
            context.Warn(reader.Find("insecure")!, "any certificate is accepted: who stands in between can read and change all messages", "name the authority in ca_file");
        return tls;
    }

    /// <summary>A path relative to the connectors file. It is read at each connect; that it is there now finds the misspelt ones.</summary>
    private static string? ExistingFile(ObjectReader reader, string name, LoadContext context)
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

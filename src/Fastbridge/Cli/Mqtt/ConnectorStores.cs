using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Store;

namespace Fastbridge.Cli.Mqtt;

/// <summary>Chooses where the connector commands work: on a connectors file, or on a running bridge.</summary>
/// <param name="remote">Makes the store of a running bridge from what <c>--server</c> and <c>--ca-file</c> said.</param>
/// <param name="deleted">Told of a connector that was taken out of a file: state_dir, cluster, name (<see cref="ConnectorStore.Deleted"/>).</param>
internal sealed class ConnectorStores(Func<string, string?, IConnectorStore> remote, Func<string, string, string, string?>? deleted = null)
{
    /// <summary>robust-ctl's variable for the admin address.</summary>
    private const string ApiVariable = "ROBUSTMQ_API_URL";

    /// <param name="server"><c>--server</c>, or null.</param>
    /// <param name="file"><c>--file</c>, or null.</param>
    /// <param name="caFile"><c>--ca-file</c>, or null.</param>
    /// <exception cref="SettingsException">Options that do not go together.</exception>
    public IConnectorStore Open(string? server, string? file, string? caFile = null)
    {
        if (server is not null && file is not null)
            throw new SettingsException("--server and --file name two places; give one");
        if (file is null && (server ?? Environment.GetEnvironmentVariable(ApiVariable)) is { Length: > 0 } address)
            return remote(address, caFile);
        if (caFile is not null)
            throw new SettingsException("--ca-file is for a running bridge; give --server https://HOST:PORT with it");
        LoadEnvironment environment = LoadEnvironment.Current with { CheckKafkaProperty = Kafka.KafkaProperties.Check, MissingSecretsAreWarnings = true };
        return new ConnectorStore(file ?? ConfigPath.Find(null, Settings.Load()) ?? ConfigPath.Default, environment) { Deleted = deleted };
    }
}

namespace Fastbridge.Core.Config;

/// <summary>What a file's meaning depends on beside its text. Immutable; a test derives its own.</summary>
public sealed record LoadEnvironment
{
    /// <summary>This process and this machine.</summary>
    public static LoadEnvironment Current { get; } = new();

    /// <summary>Looks up <c>${env:NAME}</c>; null where the variable is not set. Default: the process's environment.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>
    /// A <c>${env:NAME}</c> that is not set, or a <c>${file:}</c> that this user may not read, is a warning and its value is left unchecked. For commands: a shell
    /// has neither the service's environment nor its rights. Default false: what runs needs them.
    /// </summary>
    public bool MissingSecretsAreWarnings { get; init; }

    /// <summary>For the default client id. Default: the machine's host name.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>For the default client id, where only its hash stands: systemd asks that the id itself is kept private. Null where the machine has none.</summary>
    public string? MachineId { get; init; } = ReadMachineId();

    /// <summary>
    /// Asks Kafka's client library about one entry of <c>properties</c>: null where it takes it, else why not, without the value (it may be a secret).
    /// Default null: not asked, and a misspelt property shows when the producer is made.
    /// </summary>
    public Func<string, string, string?>? CheckKafkaProperty { get; init; }

    private static string? ReadMachineId()
    {
        // systemd's place, then the older one of D-Bus. A container may have an empty file.
        foreach (string path in (ReadOnlySpan<string>)["/etc/machine-id", "/var/lib/dbus/machine-id"])
        {
            try
            {
                if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } id)
                    return id;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // As if it were not there: the id only tells machines of one name apart.
            }
        }

        return null;
    }
}

using System.Globalization;

namespace Fastbridge.Cli;

/// <summary>Where goes on what waited for a socket. For the process that bridges; a command may block, and keeps .NET's way.</summary>
internal static class SocketThreads
{
    /// <summary>Four at most, fewer where there are fewer processors: each costs a stack, and a connection that is busy for long goes over to the pool.</summary>
    private const int Most = 4;

    /// <summary>
    /// On the thread that hears of sockets, instead of on a pool thread that it wakes: a third less CPU at 50,000 messages a second, and a quarter less at a window of 20.
    /// So nothing that runs on after a socket may block, or hold the thread for long (<see cref="Fastbridge.Mqtt.MqttClient"/> sees to it). To be called before the first socket is
    /// made. What stands in the environment already is left as it is.
    /// </summary>
    public static void GoOnInPlace()
    {
        SetDefault("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", 1);
        SetDefault("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", Math.Min(Environment.ProcessorCount, Most));
    }

    private static void SetDefault(string name, int value)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
            Environment.SetEnvironmentVariable(name, value.ToString(CultureInfo.InvariantCulture));
    }
}

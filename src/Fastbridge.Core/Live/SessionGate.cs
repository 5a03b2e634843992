using Fastbridge.Mqtt;

namespace Fastbridge.Core.Live;

/// <summary>
/// Lets one client at a time use an MQTT session: two with one client identifier would throw each other out [MQTT-3.1.4-3]. Whoever comes later waits until
/// all before it have left, in the order of their <see cref="Enter"/>. Any thread.
/// </summary>
internal sealed class SessionGate
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);

    /// <summary>What makes a session: the first server's address and the client identifier. Host names know no case.</summary>
    public static string KeyOf(MqttClientOptions options) => KeyOf(options.Host, options.Port, options.ClientId);

    private static string KeyOf(string host, int port, string clientId) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{host.ToLowerInvariant()}:{port}/{clientId}");

    /// <summary>Takes a place in the line; to be left once, also by who never came to use the session.</summary>
    public Pass Enter(MqttClientOptions options)
    {
        // The server gives an identifier of its own to each: nobody is in anybody's way.
        if (options.ClientId.Length == 0)
            return new Pass(Task.CompletedTask);
        // With several servers it may turn up at each of them, where the list before had another for its first.
        var keys = new List<string>();
        foreach (MqttServer server in options.Servers)
            keys.Add(KeyOf(server.Host, server.Port, options.ClientId));
        lock (_lock)
        {
            var before = new List<Task>();
            foreach (string key in keys)
            {
                if (_last.TryGetValue(key, out Task? last))
                    before.Add(last);
            }

            var pass = new Pass(Task.WhenAll(before));
            foreach (string key in keys)
            {
                _last[key] = pass.Left;
                _ = pass.Left.ContinueWith(left => Forget(key, left), TaskScheduler.Default);
            }

            return pass;
        }
    }

    private void Forget(string key, Task left)
    {
        lock (_lock)
        {
            if (_last.TryGetValue(key, out Task? last) && last == left)
                _last.Remove(key);
        }
    }

    /// <summary>A place in a session's line.</summary>
    /// <param name="before">Completes when all before have left.</param>
    public sealed class Pass(Task before)
    {
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Before => before;

        /// <summary>Completes when this one and all before it have left.</summary>
        public Task Left => _left.Task;

        /// <summary>The session is free for the next. Any number of times.</summary>
        public void Leave() => _ = before.ContinueWith(_ => _left.TrySetResult(), TaskScheduler.Default);
    }
}

using System.Net;
using System.Net.Sockets;

namespace Fastbridge.Tests.Support;

/// <summary>
/// Free loopback ports, from below the kernel's range for outgoing connections (32768 up). A port of that range may be taken by any
/// client between the choice and the use, and while its server is down a client that dials it can be connected to itself.
/// </summary>
public static class Ports
{
    private const int First = 12_000;
    private const int Last = 32_000;

    private static readonly HashSet<int> Given = [];

    /// <summary>A port that was free a moment ago and is not given twice by this process. Another process may take it first: retry on a clash.</summary>
    public static int Free()
    {
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            int port = Random.Shared.Next(First, Last);
            lock (Given)
            {
                if (!Given.Add(port)) continue;
            }

            if (CanBind(port)) return port;
        }

        throw new InvalidOperationException($"no free port between {First} and {Last}");
    }

    private static bool CanBind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
